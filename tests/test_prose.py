"""Every equation in prose is true, and every number typed in prose stands in an executed cell or in a checked equation."""

import pytest

from book_files import CHAPTERS, PAGES, code_cells, markdown, output_text
from prose import equations, false_statements, looks_numeric, numbers_in, plain, sides, typed_numbers

pages = pytest.mark.parametrize("path", CHAPTERS + PAGES, ids=lambda path: path.stem)


@pages
def test_every_equation_in_the_prose_is_true(path):
    assert [wrong for equation in equations(markdown(path)) for wrong in false_statements(equation)] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_typed_number_is_executed_or_derived(path):
    text = markdown(path)
    known = set()
    for cell in code_cells(path):
        known |= numbers_in(cell.source) | numbers_in(output_text(cell))
    for equation in equations(text):  # a chain with at least two numeric sides was checked above; its numbers count
        for chain in sides(equation):
            if sum(map(looks_numeric, chain)) > 1:
                known |= set().union(*map(numbers_in, chain))
    unbacked = [(number, around) for number, around in typed_numbers(text) if plain(number) not in known]
    assert unbacked == []


@pytest.mark.parametrize("equation, true", [
    (r"1 \cdot 1 + 2 \cdot 3 + 3 \cdot 5 + 1 = 23", True),
    (r"1 \cdot 1 + 2 \cdot 3 + 3 \cdot 5 + 1 = 24", False),
    (r"y_0 = 1 \cdot 2 - 3 = 1", False),
    (r"\sigma(1) = \frac{1}{1 + e^{-1}} = 0.7311", True),
    (r"\sigma(1) \approx 0.7312", False),
    (r"\tanh(0.5) = 0.46", True),
    (r"\tanh(0.5) = 0.47", False),
    (r"\ln 4 = 1.386", True),
    (r"0.25 \cdot \ln(0.5) + 0.75 \cdot \ln(1.5) = 0.1308", True),
    (r"0.25 \cdot \ln(0.5) + 0.75 \cdot \ln(1.5) = 0.1309", False),
    (r"(1 - 0.7311) \cdot 0.5 = 0.1355", False),
    (r"h = 3 + + 4 = 7", False),
    (r"\frac{5 - 2}{2} + 1 = 2.5", True),
    ("\\begin{aligned}\na &= 3^2 = 9 \\\\\nb &= 3^2 = 10\n\\end{aligned}", False),
    ("\\begin{aligned}\n2 \\cdot 3 &= 6 \\\\\n3 \\cdot 3 &= 10\n\\end{aligned}", False),
    ("\\begin{aligned}\ny &= 1 + 2 \\\\\n&= 4\n\\end{aligned}", False),
    ("\\begin{aligned}\ny &= 1 + 2 \\\\\n&\\quad + 3 = 6\n\\end{aligned}", True),
    ("\\begin{aligned}\ny &= 1 + 2 \\\\\n&\\quad + 3 = 3\n\\end{aligned}", False),
    (r"a = b", True),
])
def test_the_checker_can_tell_true_from_false(equation, true):
    assert (false_statements(equation) == []) is true


def test_the_checker_finds_a_typed_number():
    assert [number for number, _ in typed_numbers("We get 12.5 and $x_1 = -3$; see [here](a-7.html), {cite:p}`who1986`.")] == ["12.5", "-3"]
