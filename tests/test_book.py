"""The book's own figures: explorables, practice, pictures, the shape card, and how notebooks are stored."""

import json
import re
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest

from dlblocks.book import Problem, error_of, explore, figure, practice, shape_card, show
from dlblocks.book.execute import tidy
from dlblocks.book.svg import themed_svg
from dlblocks.linear import linear


def show_sum(a=1, b=2.0, kind="plus", double=False):
    print((a + b if kind == "plus" else a - b) * (2 if double else 1))


CONTROLS = {"a": (0, 3), "b": (1.0, 2.0, 0.5), "kind": ["plus", "minus"], "double": False}


def test_controls_follow_the_abbreviations_of_interact():
    shown = explore(show_sum, **CONTROLS)
    assert list(shown.choices["a"].values()) == [0, 1, 2, 3]
    assert list(shown.choices["b"].values()) == [1.0, 1.5, 2.0]
    assert len(shown.all_values()) == 4 * 3 * 2 * 2
    assert shown.text() == "3.0" and shown.printed(a=3, b=1.5, kind="minus", double=True) == "3.0"
    html = shown.html()
    assert html.count('type="range"') == 2 and html.count("<select") == 1 and html.count('type="checkbox"') == 1
    for name, values in (("a", [0, 1, 2, 3]), ("kind", ["plus", "minus"]), ("double", [False, True])):
        found = re.search(rf"data-control=\"{name}\" data-values='([^']*)'", html)
        assert json.loads(found[1].replace("&quot;", '"')) == values


def test_the_live_face_is_made_of_real_widgets_that_recompute():
    import ipywidgets
    box = explore(show_sum, **CONTROLS).widget()
    *controls, shown = box.children
    assert [type(control) for control in controls] == [ipywidgets.IntSlider, ipywidgets.FloatSlider, ipywidgets.Dropdown, ipywidgets.Checkbox]
    controls[0].value = 3
    assert ">5.0</pre>" in shown.value
    controls[3].value = True
    assert ">10.0</pre>" in shown.value


@pytest.mark.parametrize("controls, message", [
    ({**CONTROLS, "a": (2, 5)}, "the default of a, 1, is not one of"),
    ({"a": (0, 3)}, "show_sum takes a, b, kind, double; the controls are a"),
    ({**CONTROLS, "a": (0, 300)}, "states, at most 600"),
    ({**CONTROLS, "kind": "plus"}, "kind must be a"),
])
def test_a_wrong_control_is_refused(controls, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explore(show_sum, **controls)


def test_a_state_that_raises_fails_the_build(monkeypatch):
    monkeypatch.setenv("DLBLOCKS_FACE", "site")

    def fragile(a=1):
        print(1 // (a - 2))

    with pytest.raises(ZeroDivisionError):
        explore(fragile, a=(1, 3))


def test_a_figure_needs_alt_text_and_follows_the_theme():
    with pytest.raises(ValueError, match="alt must be a sentence"):
        figure(alt="plot")

    def draw():
        fig, axis = figure(3, 2, alt="A line rises from zero to one")
        axis.plot([0, 1], [0, 1])
        axis.set_title("Rise")
        return fig

    svg, fig = themed_svg(draw()), draw()
    assert 'aria-label="A line rises from zero to one"' in svg and 'role="img"' in svg
    assert "var(--blue)" in svg and "currentColor" in svg and ">Rise</text>" in svg
    assert "<style" not in svg and "<metadata" not in svg and svg == themed_svg(fig)
    head, *elements, end = svg.split("\n")  # one element a line: what the script compares
    assert head.startswith("<svg ") and end == "</svg>" and all(ElementTree.fromstring(element) is not None for element in elements)
    assert not any("clip-path=" in element for element in elements)  # the line and the grid lie inside the axes
    data, metadata = show(fig)._repr_mimebundle_()
    assert data["text/plain"] == "Figure: A line rises from zero to one" == "Figure: " + metadata["image/png"]["alt"]


def test_every_kind_of_element_stands_on_its_own_line_and_in_its_place():
    fig, (plot, picture) = figure(5, 2, columns=2, alt="Points on logarithmic axes beside an image")
    plot.loglog([1, 2, 30], [1, 20, 30], "o")
    picture.imshow(np.arange(6.0).reshape(2, 3))
    _, *elements, _ = themed_svg(fig).split("\n")
    parsed = [ElementTree.fromstring(element) for element in elements]
    assert {element.tag for element in parsed} == {"path", "text", "g", "image"} and not any("clip-path" in element for element in elements)
    image = next(element for element in parsed if element.tag == "image")
    assert "transform" not in image.attrib and float(image.get("width")) == pytest.approx(1.5 * float(image.get("height")), rel=0.01)
    points = [element.get("d") for element in parsed if element.tag == "path" and element.get("d").count("m") == 3]
    assert len(points) == 1 and len(re.findall(r"M \S+ \S+ m", points[0])) == 3  # the three markers, one path


def test_a_path_that_leaves_the_axes_stays_clipped_and_numbers_in_words_stay_whole():
    fig, axis = figure(3, 2, alt="A line leaves the axes at the top")
    axis.plot([0, 1], [0, 5])
    axis.set(ylim=(0, 1), title="0.123456 at 45.678901")
    lines = themed_svg(fig).split("\n")
    assert [line for line in lines if "clip-path=" in line] == [line for line in lines if "var(--blue)" in line] != []
    assert any(">0.123456 at 45.678901</text>" in line for line in lines)


def test_an_explorable_refuses_a_figure_without_alt_text():
    import matplotlib.pyplot as plt

    def bare(a=1):
        plt.figure()

    with pytest.raises(ValueError, match="so that it has alt text"):
        explore(bare, a=(0, 1))
    plt.close("all")


def make_problem(rng):
    given = {"x": rng.integers(-9, 10, 2), "weight": rng.integers(-9, 10, (2, 1))}
    return Problem("Compute y.", given, {"y": linear(**given)}, lambda x, weight: x @ weight)


def test_practice_prepares_different_problems_whose_steps_agree():
    shown = practice(make_problem)
    assert len(shown.problems) >= 20 and shown.html().count("data-answer") >= 1
    with pytest.raises(ValueError, match="the steps give y"):
        Problem("Compute y.", {"x": [1]}, {"y": [3]}, lambda x: x + 1)
    with pytest.raises(ValueError, match="fewer than 20 different problems"):
        practice(lambda rng: Problem("Compute y.", {"x": [1]}, {"y": [2]}, lambda x: x + 1))


def test_the_shape_card_counts_multiplications(capsys):
    shape_card(lambda x, weight: x @ weight, {"x": np.ones((4, 3))}, {"weight": np.ones((3, 2))})
    out = capsys.readouterr().out
    assert "parameters in all: 6" in out and "multiplications: 24" in out


def test_error_of_says_when_nothing_went_wrong():
    assert error_of(int, "a").startswith("ValueError: invalid literal")
    with pytest.raises(AssertionError, match="int raised nothing"):
        error_of(int, "1")


def test_tidy_keeps_what_readers_and_nbval_need():
    book = nbformat.v4.new_notebook(metadata={"widgets": {}, "language_info": {"name": "python", "version": "3.99"}})
    cell = nbformat.v4.new_code_cell("1", metadata={"execution": {"iopub.status.idle": "t"}, "tags": ["hide-cell"]}, execution_count=1)
    view = "application/vnd.jupyter.widget-view+json"
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1", view: {"model_id": "x"}}, execution_count=1)]
    book.cells = [cell, nbformat.v4.new_code_cell("1", execution_count=2)]
    tidy(book)
    assert "widgets" not in book.metadata and "version" not in book.metadata.language_info
    assert "execution" not in cell.metadata and view not in cell.outputs[0].data
    assert book.cells[0].id != book.cells[1].id and nbformat.validate(book) is None
