"""Run a chapter's code in this process and collect what it displays: its traced tables, explorables and practices."""

import contextlib
import io
import os
from functools import lru_cache

import matplotlib

from book_files import code_cells
from dlblocks.book import explorable, problem, trace


@lru_cache(maxsize=1)  # all tests of a chapter run one after another; see conftest.py
def displays(path):
    """{"traced": [...], "explore": [...], "practice": [...]} in the order of the page."""
    matplotlib.use("agg")
    found = {"traced": [], "explore": [], "practice": []}
    kinds = {trace.Traced: "traced", explorable.Explorable: "explore", problem.Practice: "practice"}
    namespace, before = {"__name__": "__main__"}, os.getcwd()

    originals = {kind: kind.__init__ for kind in kinds}

    def recorded(kind):
        def init(self, *arguments):
            originals[kind](self, *arguments)
            found[kinds[kind]].append(self)
        return init

    try:
        for kind in kinds:
            kind.__init__ = recorded(kind)
        os.chdir(path.parent)
        for cell in code_cells(path):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, f"{path.name}", "exec"), namespace)
    finally:
        os.chdir(before)
        for kind in kinds:
            kind.__init__ = originals[kind]
    return found
