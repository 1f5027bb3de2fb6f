"""The pages made from the book itself, and the back matter: shape sheet, answers, glossary, bibliography."""

import re

import pytest
from pybtex.database import parse_file

import dlblocks.functional as F
from book_files import CHAPTERS, ROOT, markdown, notebook
from dlblocks.book.pages import EXERCISE, answers, shape_sheet
from dlblocks.book.terms import _split, glossary_terms


def test_the_shape_sheet_has_a_line_for_every_block_and_no_empty_cell():
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in shape_sheet().splitlines()[2:]]
    assert [name.strip(" `") for name, _, _ in rows] == [name for name in F.__all__ if not name.endswith("_backward")]
    assert all(len(row) == 3 and all(cell.strip() for cell in row) and ": " in row[1] for row in rows)
    assert "| `linear` | x: … I, weight: I O, bias: O \\| None | … O |" in shape_sheet()


def test_the_answers_hold_every_exercise_with_its_solution():
    page = answers(ROOT / "chapters")
    exercises = sum(len(EXERCISE.findall(markdown(path))) for path in CHAPTERS)
    assert page.count("````{dropdown} Answer\n```python\n") == exercises == len(EXERCISE.findall(page))
    for path in CHAPTERS:
        for cell in notebook(path).cells:
            if "hide-cell" in cell.metadata.get("tags", []):
                assert cell.source in page


def test_the_first_use_of_a_term_is_linked_once():
    left = {"hidden state": "hidden state", "gate": "gate", "state": "state"}
    pieces = _split("Gates open; a gate and the hidden state.", left)
    assert [piece.astext() for piece in pieces] == ["", "Gates", " open; a gate and the ", "hidden state", "."]
    assert left == {"state": "state"}


def test_every_term_of_the_glossary_leads_to_a_chapter_that_uses_it():
    text = (ROOT / "glossary.md").read_text()
    for term in glossary_terms(ROOT):
        entry = re.search(rf"^{re.escape(term)}\n  (.*)$", text, flags=re.M)[1]
        names = re.findall(r"\(chapters/(\w+)\.ipynb\)", entry)
        assert names, term
        pages = [path for path in CHAPTERS if path.stem in names]
        assert len(pages) == len(names), term
        words = " ".join(markdown(path).lower() for path in pages)
        assert term.lower().rstrip("s") in words or term.split()[0].lower() in words, term


ENTRIES = parse_file(str(ROOT / "references.bib")).entries


@pytest.mark.parametrize("key", ENTRIES)
def test_every_reference_can_be_found_and_is_cited(key):
    fields = ENTRIES[key].fields
    found = fields.get("doi") or fields.get("eprint") or fields.get("url")
    assert found, f"{key} has neither doi, arXiv id nor address"
    assert not fields.get("doi") or re.fullmatch(r"10\.\d{4,}/\S+", fields["doi"]), key
    assert not fields.get("eprint") or re.fullmatch(r"\d{4}\.\d{4,5}", fields["eprint"]), key
    assert any(re.search(rf"\{{cite:\w+\}}`[^`]*\b{re.escape(key)}\b", markdown(path)) for path in CHAPTERS), f"{key} is cited nowhere"
