"""The promises that hold for every chapter: executed, clean outputs, the skeleton, short cells, practice and explorables, framework tabs."""

import contextlib
import importlib.util
import io
import json
import re
import sys

import pytest

from book_files import CHAPTERS, ROOT, code_cells, fenced, markdown, notebook, output_text

chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
HEADINGS = ["What it does", "By hand", "Backward by hand", "Explore", "Why it is so", "What goes wrong", "In the frameworks",
            "Practice", "Takeaways"]
WITHOUT_BACKWARD = {"preprocessing", "tokenization", "transfer", "profiling", "choosing", "frameworks", "claims"}


def slug(path):
    return path.stem.partition("_")[2]


@chapters
def test_the_chapter_is_in_the_table_of_contents(path):
    assert f"chapters/{path.stem}" in (ROOT / "_toc.yml").read_text()


@chapters
def test_every_code_cell_is_executed_in_order(path):
    assert [cell.execution_count for cell in code_cells(path)] == list(range(1, len(code_cells(path)) + 1))


@chapters
def test_nothing_is_hidden_from_nbval(path):
    for cell in code_cells(path):
        assert not re.search(r"NBVAL|raises-exception", cell.source + " ".join(cell.metadata.get("tags", []))), cell.source
        assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in cell.outputs), cell.source


@chapters
def test_outputs_hold_no_path_time_address_or_widget_state(path):
    assert "widgets" not in notebook(path).metadata
    for cell in code_cells(path):
        text = output_text(cell)
        assert not re.search(r"0x[0-9a-f]{6,}|/(?:home|root|tmp|work|Users|usr)/|\b\d\d:\d\d:\d\d\b|\b\d+(?:\.\d+)? ?(?:ms|µs|seconds)\b", text), text
        for output in cell.outputs:
            assert set(output.get("data", {})) <= {"text/plain", "image/png"}


@chapters
def test_the_skeleton_stands_in_order(path):
    found = re.findall(r"^## (.+)$", markdown(path), flags=re.M)
    without = {"Backward by hand"} if slug(path) in WITHOUT_BACKWARD else set()
    expected = [heading for heading in HEADINGS if heading in found or heading not in without]
    assert found == expected
    assert len(re.findall(r"^# ", markdown(path), flags=re.M)) == 1


@chapters
def test_cells_are_short_and_the_chapter_explains_explores_and_asks(path):
    sources = [cell.source for cell in code_cells(path)]
    assert [source for source in sources if len(source.splitlines()) > 15] == []
    assert [line for source in sources for line in source.splitlines() if len(line) > 100] == []
    for call in ("traced(", "explore(", "practice("):
        assert any(re.search(rf"^{re.escape(call)}", source, flags=re.M) for source in sources), f"no {call}...)"
    assert "**Predict first.**" in markdown(path) and "<details>" in markdown(path)


@chapters
def test_every_exercise_has_a_folded_solution_that_asserts(path):
    solutions = [cell.source for cell in code_cells(path) if "hide-cell" in cell.metadata.get("tags", [])]
    exercises = re.findall(r"^\*\*(?:Compute|Invert|Debug|Extend)\.\*\*", markdown(path), flags=re.M)
    assert len(exercises) >= 3 and len(solutions) >= len(exercises)
    assert [source for source in solutions if "assert " not in source] == []


@chapters
def test_every_figure_has_alt_text_that_says_something(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.metadata["image/png"]["alt"]
                assert len(alt.split()) >= 5 and output.data["text/plain"] == f"Figure: {alt}"
    assert not re.search(r"!\[\s*\]", markdown(path))


FRAMEWORKS = {"PyTorch": ["torch"], "Keras": ["keras", "jax"], "JAX": ["jax"]}  # Keras runs on JAX here


def framework_snippets():
    """(framework, snippet, stored output) of every tab in every chapter."""
    return [pytest.param(title, snippet, stored, id=f"{path.stem}-{title}") for path in CHAPTERS
            for title, body in re.findall(r"^:::\{tab-item\} (\w+)\n(.*?)^:::$", markdown(path), flags=re.S | re.M)
            for snippet, stored in zip(fenced(body, "python"), fenced(body, "text"), strict=True)]


@pytest.fixture
def fresh_frameworks(monkeypatch):
    """Each snippet finds the frameworks as a new process would: importing them anew for each would take minutes."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session(free_memory=False)
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].config.update("jax_enable_x64", False)
    if "torch" in sys.modules:
        sys.modules["torch"].set_default_dtype(sys.modules["torch"].float32)


@pytest.mark.parametrize("title, snippet, stored", framework_snippets())
def test_framework_snippet_prints_its_stored_output(fresh_frameworks, title, snippet, stored):
    for package in FRAMEWORKS[title]:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(snippet, title, "exec"), {"__name__": "__main__"})
    assert printed.getvalue().strip() == stored.strip()


@chapters
def test_the_chapter_shows_every_framework(path):
    titles = re.findall(r"^:::\{tab-item\} (\w+)$", markdown(path), flags=re.M)
    assert set(titles) == set(FRAMEWORKS) or "In the frameworks" not in markdown(path)


def test_notebooks_are_stored_as_make_notebooks_writes_them():
    for path in CHAPTERS:
        metadata = json.loads(path.read_text())["metadata"]
        assert set(metadata) == {"kernelspec", "language_info"} and "version" not in metadata["language_info"], path


@chapters
def test_a_quoted_section_of_another_chapter_exists(path):
    for name, heading in re.findall(r'\]\((\d\d_\w+)\.ipynb\), "([^"]+)"', markdown(path)):
        assert re.search(rf"^###? {re.escape(heading.rstrip(','))}$", markdown(ROOT / "chapters" / f"{name}.ipynb"), flags=re.M), (name, heading)
