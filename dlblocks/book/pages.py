"""Pages that are made from the book itself: the shape sheet, the collected answers, and the figures of what is checked."""

import html
import inspect
import json
import math
import re
import sys
from pathlib import Path

import nbformat

import dlblocks.functional as F

EXERCISE = re.compile(r"^\*\*(?:Compute|Invert|Debug|Extend)\.\*\*", flags=re.M)


def fill(app, docname, source):
    """Put generated Markdown in the place of the comments ``<!-- shapes -->`` and ``<!-- answers -->`` of a page."""
    makers = {"<!-- shapes -->": shape_sheet, "<!-- answers -->": lambda: answers(Path(app.srcdir, "chapters"))}
    for mark, make in makers.items():
        if mark in source[0]:
            source[0] = source[0].replace(mark, make())


def shape_sheet():
    """One line per block: its arguments and what it returns, as the shape line of its docstring says it."""
    lines = ["| block | takes | returns |", "|---|---|---|"]
    for name in F.__all__:
        if name.endswith("_backward"):
            continue
        text = " ".join(inspect.getdoc(getattr(F, name)).partition("Shapes: ")[2].partition(">>>")[0].split())
        text = re.split(r" (?:Raises|Source|Options)\b", text.replace("...", "…"))[0]
        takes, _, returns = text.partition("; returns ")
        takes, returns = (part.rstrip(".").replace("|", r"\|").replace("*", r"\*") for part in (takes, returns or "the same"))
        lines.append(f"| `{name}` | {takes} | {returns.partition('. ')[0]} |")
    return "\n".join(lines)


def answers(folder):
    """All exercises of the chapters in their order, each with its folded solution and what that prints."""
    parts = []
    for path in sorted(folder.glob("[0-9]*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        title = re.search(r"^# (.+)$", cells[0].source, flags=re.M)[1]
        parts.append(f"## {title}\n\nFrom the chapter [{title}](chapters/{path.name}).")
        for number, cell in enumerate(cells):
            start = EXERCISE.search(cell.source) if cell.cell_type == "markdown" else None
            if start:
                task = re.sub(r"\]\((?=\d\d_)", "](chapters/", cell.source[start.start():])
                parts.append(f"{task}\n\n````{{dropdown}} Answer\n{_solution(cells[number + 1:])}\n````")
    return "\n\n".join(parts)


def _solution(cells):
    """The code of the folded cells that follow, and what they print."""
    parts = []
    for cell in cells:
        if "hide-cell" not in cell.metadata.get("tags", []):
            break
        parts.append(f"```python\n{cell.source}\n```")
        printed = "".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs).rstrip()
        if printed:
            parts.append(f"```text\n{printed}\n```")
    return "\n".join(parts)


def write_figures(app, exception):
    """Put the counts of what the built book holds into the page that says how it is checked."""
    page = Path(app.outdir, "checked.html")
    if exception or app.builder.format != "html" or not page.exists():
        return
    figures = count(Path(app.srcdir), Path(app.outdir))
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"COUNT-([a-z-]+)", lambda m: f"{figures[m[1]]:,}", text), encoding="utf-8")


def count(source, site):
    """How many cells, tables, states and so on the built book in ``site`` holds, and how many cases the tests in ``source`` have."""
    pages = [path.read_text(encoding="utf-8") for path in sorted(site.glob("chapters/*.html"))]
    everything = "".join(pages)
    explorables = re.findall(r'<figure class="explore">.*?</figure>', everything, flags=re.S)
    sizes = [[len(json.loads(html.unescape(values))) for values in re.findall(r"data-values='([^']*)'", figure)] for figure in explorables]
    practices = re.findall(r'<figure class="practice".*?<script type="application/json">(.*?)</script>', everything, flags=re.S)
    return {
        "chapters": len(pages),
        "cells": sum(cell.cell_type == "code" for path in source.glob("chapters/[0-9]*.ipynb") for cell in nbformat.read(path, 4).cells),
        "formulas": len(re.findall(r'class="math ', everything)),
        "tables": len(re.findall(r'<figure class="traced"', everything)),
        "explanations": len(re.findall(r"<td data-cell=", everything)),
        "explorables": len(explorables), "states": sum(map(math.prod, sizes)),
        "practices": len(practices), "problems": sum(len(json.loads(problems)) for problems in practices),
        "snippets": len(re.findall(r'class="sd-tab-label"', everything)),
        "blocks": len([name for name in F.__all__ if not name.endswith("_backward")]),
        **_cases(source / "tests"),
    }


def _cases(tests):
    sys.path.insert(0, str(tests))
    try:
        from cases import BAD_CALLS, CASES
    finally:
        sys.path.remove(str(tests))
    return {"cases": len(CASES), "bad-calls": len(BAD_CALLS)}
