"""The built book in a real browser, from file:// with the network off, as a reader may meet it."""

import base64
import gzip
import json
import re
import zlib
from functools import lru_cache
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

import pytest
from bs4 import BeautifulSoup

from book_files import CHAPTERS, PAGES, ROOT

NAMES = [f"chapters/{path.stem}" for path in CHAPTERS] + [path.stem for path in PAGES if path.stem != "README"] + ["search"]
pages = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def contexts(browser):
    """Browser contexts by scheme, each with the network off."""
    made = {}

    def context(scheme="light", width=1200, **options):
        key = scheme, width, tuple(options.items())
        if key not in made:
            made[key] = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True, **options)
        return made[key]

    yield context
    for one in made.values():
        one.close()


def open_page(context, site, name, math=True):
    """The page and lists of what went wrong on it and of what it loaded; ``math=False`` spares the seconds of typesetting."""
    page, wrong, loaded = context.new_page(), [], []
    if not math:
        page.route("**/tex-mml-chtml.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("request", lambda request: loaded.append(request.url))
    page.goto((site / f"{name}.html").as_uri())
    page.wait_for_function("!window.MathJax || !MathJax.startup || !MathJax.startup.promise || MathJax.startup.promise.then(() => true)")
    return page, wrong, loaded


# axe-core looks at colors word by word, which takes longest. Contrast hangs on a word's color, size, weight, opacity and ground, so a few words of each
# kind are enough: these are marked, in the light and in the dark. (A few, should axe-core be unable to judge one, say where another covers it.)
COLOR_RULES = ["color-contrast", "link-in-text-block"]
MARK_EVERY_KIND = """() => {
  const seen = new Map(), clear = 'rgba(0, 0, 0, 0)', chain = (element) => (element ? [element, ...chain(element.parentElement)] : []);
  document.querySelectorAll('[data-kind]').forEach((element) => element.removeAttribute('data-kind'));
  for (const element of document.body.querySelectorAll('*')) {
    const words = element.matches('input, select, button, a') || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const { width, height } = element.getBoundingClientRect();
    if (!words || width < 2 || height < 2 || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const style = getComputedStyle(element), around = element.matches('a') ? getComputedStyle(element.parentElement).color + style.textDecoration : '';
    const grounds = chain(element).map((one) => getComputedStyle(one)).map((one) => [one.backgroundColor, one.backgroundImage, one.opacity].join());
    const kind = [style.color, style.fontSize, style.fontWeight, element.namespaceURI, around, ...grounds.filter((one) => one !== clear + ',none,1')].join();
    seen.set(kind, (seen.get(kind) || 0) + 1);
    if (seen.get(kind) <= 3) element.setAttribute('data-kind', '');
  }
  return seen.size;
}"""


def serious_violations(page, rules, context=None):
    from axe_playwright_python.sync_playwright import Axe
    found = Axe().run(page, context, {"resultTypes": ["violations"], **rules}).response["violations"]
    return [(one["id"], node["html"][:200], node["failureSummary"][:300]) for one in found if one["impact"] in ("serious", "critical")
            for node in one["nodes"]]


@pages
def test_page_is_whole_light_and_dark_wide_and_narrow(contexts, site, name):
    """One visit per page: no console error, no request elsewhere, at most 1 MB (gzip), nothing wider than 360 px, axe-core content."""
    page, wrong, loaded = open_page(contexts("light"), site, name)
    page.wait_for_timeout(300)
    assert wrong == []
    elsewhere = [url for url in loaded if not url.startswith(("file:", "data:", "blob:"))]
    assert elsewhere == []
    files = {url2pathname(unquote(urlparse(url).path)) for url in loaded if url.startswith("file:")}
    wire = sum(len(gzip.compress(open(file, "rb").read())) for file in files)
    assert wire < 1_000_000, f"{wire} bytes over the wire"
    page.add_style_tag(content="section { content-visibility: visible !important }")  # nothing is skipped for being out of sight
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        page.wait_for_function("document.getAnimations().every((one) => one.playState === 'finished')")  # colors fade from one scheme to the other
        assert serious_violations(page, {"rules": {rule: {"enabled": False} for rule in COLOR_RULES}}) == [], scheme
        assert page.evaluate(MARK_EVERY_KIND) > 5
        assert serious_violations(page, {"runOnly": {"type": "rule", "values": COLOR_RULES}}, {"include": ["[data-kind]"]}) == [], scheme
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


@lru_cache(maxsize=None)
def ids_of(file):
    return set(re.findall(r'\bid="([^"]+)"', file.read_text(encoding="utf-8")))


@pages
def test_links_lead_somewhere_and_pictures_have_alt_text(site, name):
    here = (site / f"{name}.html").resolve()
    html = BeautifulSoup(re.sub(r"<script.*?</script>", "", here.read_text(encoding="utf-8"), flags=re.S), "html.parser")
    for link in html.find_all("a", href=True):
        target = urlparse(link["href"])
        if target.scheme or not (target.path or target.fragment):
            continue
        file = (here.parent / unquote(target.path)).resolve() if target.path else here
        assert file.exists(), link["href"]
        assert not target.fragment or file.suffix != ".html" or unquote(target.fragment) in ids_of(file), link["href"]
    for image in html.find_all("img"):
        assert image.get("alt", "").strip(), str(image)[:200]
    for svg in html.select("figure svg"):
        assert len(svg.get("aria-label", "").split()) >= 5 and svg.get("role") == "img"


chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def visits(contexts, site):
    """Open a chapter without its formulas, once for the tests that touch its figures: (page, what went wrong on it)."""
    opened = {}

    def visit(path):
        if path not in opened:
            for page, _ in opened.values():
                page.close()
            opened.clear()
            page, wrong, _ = open_page(contexts("light", has_touch=True), site, f"chapters/{path.stem}", math=False)
            opened[path] = page, wrong
        return opened[path]

    return visit


ALL_STATES = """([figure, states]) => {
  const controls = [...figure.querySelectorAll('[data-control]')];
  const values = controls.map((control) => JSON.parse(control.dataset.values));
  const set = (control, i) => {
    if (control.type === 'checkbox') control.checked = i === 1;
    else if (control.tagName === 'SELECT') control.selectedIndex = i;
    else control.value = i;
    control.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const same = (svg) => {  // the picture as it was mended from state to state, against the same picture put in whole
    const picture = figure.querySelector('.explore-picture').firstElementChild, fresh = document.createElement('template');
    fresh.innerHTML = svg;
    const whole = fresh.content.firstElementChild;
    return whole === picture || whole.cloneNode().isEqualNode(picture.cloneNode()) && whole.children.length === picture.children.length
      && [...whole.children].every((element, i) => element.isEqualNode(picture.children[i]));
  };
  const shown = [], walk = (depth) => {
    if (depth === controls.length) {
      shown.push([figure.querySelector('.explore-text').textContent, same(states[shown.length][1])]);
      return;
    }
    values[depth].forEach((_, i) => { set(controls[depth], i); walk(depth + 1); });
  };
  walk(0);
  for (const control of controls) {  // back to the first state
    if (control.tagName === 'SELECT') set(control, [...control.options].findIndex((option) => option.defaultSelected));
    else set(control, control.type === 'checkbox' ? Number(control.defaultChecked) : control.defaultValue);
  }
  return [shown, figure.querySelector('.explore-text').textContent];
}"""


@chapters
def test_every_state_of_every_explorable_shows_what_python_prints(visits, path):
    from run_chapters import displays
    page, wrong = visits(path)
    figures = page.query_selector_all("figure.explore")
    explorables = displays(path)["explore"]
    assert len(figures) == len(explorables) > 0
    for figure, explorable in zip(figures, explorables):
        page.wait_for_function("(figure) => 'ready' in figure.dataset", arg=figure)
        packed = figure.query_selector(".explore-states").text_content()
        assert len(packed) < 200_000
        states = json.loads(zlib.decompress(base64.b64decode(packed), -15))
        shown, first = page.evaluate(ALL_STATES, [figure, states])
        assert first == explorable.text()
        assert shown == [[explorable.printed(**values), True] for values in explorable.all_values()]
        controls = figure.query_selector_all("[data-control]")
        assert [control.get_attribute("data-control") for control in controls] == list(explorable.choices)
        for i, name in enumerate(explorable.choices):  # every control changes what is seen, for some setting of the others
            seen = {}
            for values, state in zip(explorable.all_values(), states):
                others = tuple(str(value) for other, value in values.items() if other != name)
                seen.setdefault(others, set()).add(tuple(state))
            assert any(len(different) > 1 for different in seen.values()), f"{name} changes nothing"
    assert wrong == []


@chapters
def test_explorables_answer_the_keyboard_and_stand_without_javascript(contexts, site, visits, path):
    from run_chapters import displays
    page, wrong = visits(path)
    for figure in page.query_selector_all("figure.explore"):
        page.wait_for_function("(figure) => 'ready' in figure.dataset", arg=figure)
        for control in figure.query_selector_all("input[type=range]"):
            control.focus()
            before = control.input_value()
            page.keyboard.press("ArrowRight")
            if control.input_value() == before:
                page.keyboard.press("ArrowLeft")
            assert control.input_value() != before
            values = json.loads(control.get_attribute("data-values"))
            assert float(control.get_attribute("aria-valuetext")) == pytest.approx(values[int(control.input_value())], rel=1e-4)
    assert wrong == []
    plain = contexts("light", java_script_enabled=False).new_page()
    plain.goto((site / f"chapters/{path.stem}.html").as_uri())
    for figure, explorable in zip(plain.query_selector_all("figure.explore"), displays(path)["explore"], strict=True):
        shown = figure.query_selector(".explore-text")
        assert shown.is_visible() and shown.text_content() == explorable.text() != ""
    for figure in plain.query_selector_all("figure.traced"):
        assert " = " in figure.query_selector(".traced-arithmetic").text_content()
        assert figure.query_selector("td[data-operand]") or figure.query_selector("td[aria-selected=true]")
    plain.close()


@chapters
def test_every_traced_cell_explains_itself_by_pointer_touch_and_keyboard(visits, path):
    from run_chapters import displays
    page, wrong = visits(path)
    figures, tables = page.query_selector_all("figure.traced"), displays(path)["traced"]
    assert len(figures) == len(tables) > 0
    for figure, table in zip(figures, tables):
        shown = figure.evaluate("""(figure) => [...figure.querySelectorAll('td[data-cell]')].map((cell) => {
            cell.click();
            return [cell.dataset.cell, cell.textContent, figure.querySelector('.traced-arithmetic').textContent,
                    [...figure.querySelectorAll('[data-operand]')].map((operand) => operand.dataset.cell), document.activeElement === cell];
        })""")
        assert {name for name, *_ in shown} == set(table.explanations)
        for name, number, arithmetic, operands, focused in shown:
            assert focused and arithmetic == table.explanations[name][1] and arithmetic.endswith(f"= {number}")
            assert set(operands) == set(table.explanations[name][2])
        result = figure.query_selector("[data-role=result] td")
        figure.query_selector("td").focus()
        result.tap()
        assert result.get_attribute("aria-selected") == "true"
        for keys, back in (("ArrowRight", "ArrowLeft"), ("ArrowDown", "ArrowUp")):
            page.keyboard.press(keys)
            chosen = figure.query_selector("td[aria-selected=true]").get_attribute("data-cell")
            assert figure.query_selector(".traced-arithmetic").text_content() == table.explanations[chosen][1]
            if chosen != result.get_attribute("data-cell"):
                page.keyboard.press(back)
        assert result.get_attribute("aria-selected") == "true"
    assert wrong == []


SOLVE = """(figure) => {
  const problems = [], click = (action) => figure.querySelector(`button[data-action=${action}]`).click();
  for (let i = 0; i < 24; i++) {
    const inputs = [...figure.querySelectorAll('input[data-answer]')], last = inputs[inputs.length - 1];
    const states = () => inputs.map((input) => input.dataset.state), face = figure.querySelector('.practice-face').textContent;
    inputs.forEach((input) => { input.value = input.dataset.answer; });
    last.value = String(Number(last.dataset.answer) + 1);
    click('check');
    const wrong = states();
    last.value = last.dataset.answer;
    click('check');
    problems.push([face + inputs.map((input) => input.dataset.answer), wrong, states(), figure.querySelector('.practice-verdict').textContent]);
    click('new');
  }
  return problems;
}"""


@chapters
def test_practice_marks_right_and_wrong_per_cell(visits, path):
    page, wrong = visits(path)
    figures = page.query_selector_all("figure.practice")
    assert figures
    for figure in figures:
        inputs = figure.query_selector_all("input[data-answer]")  # one problem typed as a reader would
        for one in inputs:
            one.fill(one.get_attribute("data-answer"))
        inputs[0].fill("nonsense")
        inputs[0].press("Enter")
        assert [one.get_attribute("data-state") for one in inputs] == ["wrong"] + ["right"] * (len(inputs) - 1)
        assert f"{len(inputs) - 1} of {len(inputs)} right" in figure.query_selector(".practice-verdict").text_content()
        steps = figure.query_selector(".practice-steps")
        assert not steps.is_visible()
        figure.query_selector("button[data-action=steps]").click()
        assert steps.is_visible() and " = " in steps.text_content()
        solved = page.evaluate(SOLVE, figure)  # all the others, each once with a wrong last cell
        assert len({face for face, *_ in solved}) >= 20
        for _, first, second, verdict in solved:
            assert first == ["right"] * (len(first) - 1) + ["wrong"] and set(second) == {"right"} and verdict.startswith("All")
    assert wrong == []


@chapters
def test_the_steps_of_every_problem_hold_and_its_answers_are_the_blocks_own(path):
    from run_chapters import displays
    from test_trace import holds
    for practice in displays(path)["practice"]:
        for problem in practice.problems:
            assert problem.lines and all(holds(line) for line in problem.lines)


def test_sections_out_of_sight_are_skipped_and_nothing_moves(contexts, site):
    page, wrong, _ = open_page(contexts("light"), site, "chapters/11_convolution")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.wait_for_function("document.body.classList.contains('measured')")
    last = page.query_selector("#practice")
    page.wait_for_function("(section) => !section.firstElementChild.checkVisibility({ contentVisibilityAuto: true })", arg=last)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    page.evaluate("location.hash = '#practice'")
    page.wait_for_function("(section) => section.firstElementChild.checkVisibility({ contentVisibilityAuto: true })", arg=last)
    assert 0 <= last.bounding_box()["y"] < 150
    assert page.evaluate("document.documentElement.scrollHeight") == height and wrong == []
    page.close()


def test_the_readme_picture_exists():
    for picture in re.findall(r'(?:src="|\]\()([^")]+\.(?:png|svg))', (ROOT / "README.md").read_text()):
        assert (ROOT / picture).exists()


# What readers of other books may type, and the chapter that must come first.
SEARCHES = {"Dense": "03_linear", "nn.Linear": "03_linear", "CrossEntropyLoss": "04_losses", "SparseCategoricalCrossentropy": "04_losses",
            "LeakyReLU": "02_activations", "GELU": "02_activations", "AdamW": "06_optimizers", "nn.Embedding": "10_embedding", "Conv2D": "11_convolution",
            "conv_general_dilated": "11_convolution", "MaxPooling2D": "12_pooling", "SimpleRNN": "14_rnn", "LSTMCell": "15_lstm",
            "GRUCell": "16_gru", "MultiheadAttention": "17_attention", "TransformerEncoderLayer": "18_transformer",
            "BatchNorm2d": "19_normalization", "LayerNormalization": "19_normalization", "nn.Dropout": "20_regularization"}


def test_search_finds_a_block_by_its_name_in_any_framework(contexts, site):
    page = contexts("light").new_page()
    page.goto((site / "search.html").as_uri())
    page.wait_for_function("typeof Search !== 'undefined' && Search._index")
    for query, chapter in SEARCHES.items():
        found = page.evaluate("(query) => Search._performSearch(...Search._parseQuery(query)).map(([page]) => page)", query)
        assert found and found[-1] == f"chapters/{chapter}", f"{query}: {found[-3:]}"  # Sphinx shows the last one first
    page.close()


def test_every_term_of_the_glossary_is_linked_from_a_chapter(site):
    from dlblocks.book.terms import glossary_terms
    pages = "".join((site / f"chapters/{path.stem}.html").read_text(encoding="utf-8") for path in CHAPTERS)
    linked = {unquote(target) for target in re.findall(r'href="\.\./glossary\.html#term-([^"]+)"', pages)}
    assert {re.sub(r"[^a-z]+", "-", term.lower()) for term in glossary_terms(ROOT)} <= {target.lower() for target in linked}


def test_pages_have_a_favicon_and_a_social_preview(site):
    for name in ("intro", "chapters/03_linear"):
        head = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser").head
        icon = head.find("link", rel="icon")["href"]
        assert ((site / f"{name}.html").parent / icon).resolve().exists()
        image = head.find("meta", property="og:image")["content"]
        assert (site / image).exists() and head.find("meta", property="og:description")["content"]
