"""JupyterLab itself: a live slider is moved and its output changes; a traced cell is chosen and explains itself."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from book_files import ROOT


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that serves a copy of one chapter."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / "chapters" / "03_linear.ipynb", folder)
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # draw every cell, not only those in view
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.ip=127.0.0.1",
               "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={folder}",
               "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with open(folder / "server.log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env={**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"),
                                       "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")})
        try:
            for _ in range(120):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=1)
                    break
                except OSError:
                    time.sleep(0.5)
            else:
                pytest.fail((folder / "server.log").read_text()[-3000:])
            yield f"http://127.0.0.1:{port}/lab/tree/03_linear.ipynb"
        finally:
            server.terminate()
            server.wait(timeout=20)


def test_a_live_slider_and_a_live_traced_table(lab, browser):
    page = browser.new_page(viewport={"width": 1400, "height": 2000})
    page.goto(lab)
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell", timeout=60_000)
    page.wait_for_selector("text=/Python 3 .* \\| Idle/", timeout=60_000)  # the kernel is connected
    page.click(".lm-MenuBar >> text=/^Run$/")
    page.click("text=/^Run All Cells$/")
    page.wait_for_timeout(1000)
    if page.locator(".jp-Dialog .jp-mod-accept").count():  # the session was not ready yet, so JupyterLab asks for the kernel
        page.click(".jp-Dialog .jp-mod-accept")
    panel = page.locator(".jp-NotebookPanel")

    page.wait_for_selector("td[data-cell='y[1]']", state="attached", timeout=60_000)
    panel.locator("td[data-cell='y[1]']").first.click()
    assert panel.locator(".traced-arithmetic").first.text_content() == "y[1] = 1*2 + 2*4 + 3*6 + 2 = 30"

    page.wait_for_selector(".widget-slider .noUi-handle", state="attached", timeout=60_000)
    text = panel.locator(".explore-text").first
    before = text.text_content()
    assert re.search(r"signed area \(1\)\(1\) - \(1\)\(0\) = 1", before)
    handle = panel.locator(".widget-slider .noUi-handle").first
    handle.focus()
    handle.press("ArrowRight")
    page.wait_for_function("(old) => document.querySelector('.explore-text').textContent !== old", arg=before, timeout=20_000)
    assert re.search(r"signed area \(2\)\(1\) - \(1\)\(0\) = 2", text.text_content())
    page.close()
