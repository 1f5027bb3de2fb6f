"""How long a moved control takes to reach the screen: every explorable of the built book, the processor slowed four times.

Run with `make benchmark` (or python benchmarks/sliders.py after `make book`). The time is taken in the page, from the
input event until the frame that shows the new state has been handed over for painting.
"""

import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from conftest import CHROMIUM_FLAGS, find_browser  # noqa: E402

MOVES = 60
MEASURE = """async ([figure, moves]) => {
  const controls = [...figure.querySelectorAll('[data-control]')];
  const work = [];
  for (let i = 0; i < moves; i++) {
    const control = controls[i % controls.length], count = JSON.parse(control.dataset.values).length, to = (i * 7 + 1) % count;
    if (control.type === 'checkbox') control.checked = !control.checked;
    else if (control.tagName === 'SELECT') control.selectedIndex = to;
    else control.value = to;
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    control.dispatchEvent(new Event('input', { bubbles: true }));
    figure.getBoundingClientRect();  // style and layout, which the frame would do
    await new Promise((done) => { const channel = new MessageChannel(); channel.port1.onmessage = done; requestAnimationFrame(() => channel.port2.postMessage(0)); });
    work.push(performance.now() - start);
  }
  return work;
}"""
WORK = MEASURE.replace("await new Promise((done) => { const channel = new MessageChannel(); channel.port1.onmessage = done; "
                       "requestAnimationFrame(() => channel.port2.postMessage(0)); });", "")


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        print(f"{'chapter':<22}{'explorable':>11}{'work median':>13}{'work 95 %':>11}{'to frame 95 %':>15}   (ms, processor slowed 4 times)")
        for path in sorted((ROOT / "_build" / "html" / "chapters").glob("*.html")):
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(path.as_uri())
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
            for number, figure in enumerate(page.query_selector_all("figure.explore"), 1):
                page.wait_for_function("(figure) => 'ready' in figure.dataset", arg=figure)
                figure.scroll_into_view_if_needed()
                work = sorted(page.evaluate(WORK, [figure, MOVES]))
                frame = sorted(page.evaluate(MEASURE, [figure, MOVES]))
                ninety_five = int(0.95 * MOVES)
                print(f"{path.stem:<22}{number:>11}{statistics.median(work):>13.1f}{work[ninety_five]:>11.1f}{frame[ninety_five]:>15.1f}")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
