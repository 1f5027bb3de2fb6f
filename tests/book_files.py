"""The pages of the book as the tests read them: notebooks, their Markdown, code and outputs."""

import re
from functools import lru_cache
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = [ROOT / "intro.md", *sorted(ROOT.glob("*.md"))]
PAGES = [path for i, path in enumerate(PAGES) if path not in PAGES[:i]]


@lru_cache(maxsize=None)
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in notebook(path).cells if cell.cell_type == "code"]


def markdown(path):
    """The prose of a chapter or a page as one string."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown")


def output_text(cell):
    """Everything that nbval compares of a cell's outputs, as one string."""
    parts = [output.get("text", "") + "".join(text for kind, text in output.get("data", {}).items() if kind.startswith("text/"))
             for output in cell.outputs]
    return "\n".join(parts)


def fenced(text, language):
    """The fenced code blocks of ``language`` in Markdown, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.S | re.M)
