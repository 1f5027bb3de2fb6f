"""Shared by all tests: nbval made strict, and a real browser with the built book."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from book_files import CHAPTERS, ROOT

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                  "--no-first-run"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give all tests of a chapter to one process, where the chapter is run once for them; the others go file by file."""
    from xdist.scheduler import LoadScopeScheduling

    class ByChapter(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return next((path.stem for path in CHAPTERS if path.stem in nodeid), nodeid.split("::")[0])

    return ByChapter(config, log)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A notebook cell that is skipped or expected to fail was not checked: that is a failure."""
    outcome = yield
    report = outcome.get_result()
    if type(item).__name__ == "IPyNbCell" and report.skipped:
        report.outcome, report.longrepr = "failed", f"{item.nodeid} was not checked (an earlier cell timed out, or the cell is hidden)"


def find_browser():
    """The path of an installed Chromium or Chrome, or None."""
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser():
    """A headless browser; without one the tests are skipped with a line that says what to install, and in CI they fail."""
    path = find_browser()
    if path is None:
        message = "no browser found: install Chromium (Debian and Ubuntu: apt install chromium), or name one in CHROMIUM"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site():
    """The folder of the built book, built with every warning an error, as `make book` does (or the one named in BOOK_SITE)."""
    if os.environ.get("BOOK_SITE"):
        return Path(os.environ["BOOK_SITE"]).resolve()
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "-n", "--keep-going", "-q"]
    built = ROOT / "_build" / f".built-{os.environ.get('PYTEST_XDIST_TESTRUNUID')}"
    with FileLock(ROOT / ".site.lock"):  # two test processes: the second finds the book built, and must not build it under the first
        if not built.exists():
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
            if "PYTEST_XDIST_TESTRUNUID" in os.environ:
                built.touch()
    return ROOT / "_build" / "html"
