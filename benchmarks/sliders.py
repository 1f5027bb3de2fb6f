"""How long a moved control takes to reach the screen: every explorable of the built book, the processor slowed four times.

Run with `make benchmark` (or python benchmarks/sliders.py after `make book`). The times are taken in the page: "swap" is our
script alone, "screen" goes on through style, layout and paint, until the frame that shows the new state is handed over.
The table is printed and written to benchmarks/sliders.md, which a page of the book shows.
"""

import json
import math
import os
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from conftest import CHROMIUM_FLAGS, find_browser  # noqa: E402

MOVES = 60
NINETY_FIVE = int(0.95 * MOVES)
# The control moves inside an animation frame, where browsers deliver input; a message sent then arrives when that frame has been painted.
MEASURE = """async ([figure, moves]) => {
  const controls = [...figure.querySelectorAll('[data-control]')];
  const times = [];
  for (let i = 0; i < moves; i++) {
    const control = controls[i % controls.length], count = JSON.parse(control.dataset.values).length, step = 1 + i % (count - 1);
    if (control.type === 'checkbox') control.checked = !control.checked;
    else if (control.tagName === 'SELECT') control.selectedIndex = (control.selectedIndex + step) % count;
    else control.value = (Number(control.value) + step) % count;
    const channel = new MessageChannel(), painted = new Promise((done) => { channel.port1.onmessage = done; });
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    control.dispatchEvent(new Event('input', { bubbles: true }));
    const swapped = performance.now() - start;
    channel.port2.postMessage(0);
    await painted;
    times.push([swapped, performance.now() - start]);
    await new Promise((done) => setTimeout(done, 20));
  }
  return times;
}"""


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        lines = ["| explorable | states | swap, median | swap, 95 % | screen, median | screen, 95 % |", "|---|---|---|---|---|---|"]
        for path in sorted((ROOT / "_build" / "html" / "chapters").glob("*.html")):
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(path.as_uri())
            page.wait_for_function("document.body.classList.contains('measured')")
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
            for number, figure in enumerate(page.query_selector_all("figure.explore"), 1):
                page.wait_for_function("(figure) => 'ready' in figure.dataset", arg=figure)
                for _ in range(2):  # the sections that come near are laid out, which moves the figure
                    figure.scroll_into_view_if_needed()
                    page.wait_for_timeout(300)
                swap, screen = map(sorted, zip(*page.evaluate(MEASURE, [figure, MOVES])))
                row = [statistics.median(swap), swap[NINETY_FIVE], statistics.median(screen), screen[NINETY_FIVE]]
                states = math.prod(len(json.loads(control.get_attribute("data-values"))) for control in figure.query_selector_all("[data-control]"))
                lines.append(f"| `{path.stem}` {number} | {states} | " + " | ".join(f"{time:.1f}" for time in row) + " |")
                print(lines[-1], flush=True)
            page.close()
        where = f"Chromium {browser.version}, {os.cpu_count()} cores, the processor slowed 4 times, {MOVES} moves each; times in ms."
        browser.close()
    Path(__file__).with_name("sliders.md").write_text("\n".join([where, "", *lines, ""]))


if __name__ == "__main__":
    main()
