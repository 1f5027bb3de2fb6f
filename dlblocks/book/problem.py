"""Practice: a small problem with fresh integers, cells to fill in, and a check that says which are right."""

import html
import json
from dataclasses import dataclass
from typing import Callable

import numpy as np

from dlblocks.book import trace
from dlblocks.book.widgets import Display

PREPARED = 24


@dataclass
class Problem:
    """One problem: what is asked, the numbers given, the answers (from `dlblocks`), and the plain loop that shows the steps.

    ``steps`` takes the given arrays and returns what `dlblocks.book.traced` takes; its results must contain the answers.
    """

    question: str
    given: dict
    answer: dict
    steps: Callable

    def __post_init__(self):
        _, results = trace.run(self.steps, self.given)
        self.lines = [trace.explain(node)[1] for cells in results.values() for node in cells.flat]
        for name, array in self.answer.items():
            array = np.asarray(array)
            shown = np.array([node.value for node in results[name].flat]).reshape(array.shape) if name in results else None
            if shown is None or not np.allclose(shown, array):
                raise ValueError(f"practice: the steps give {name} = {shown}, the answer says {array}")


def practice(problem):
    """Show problems made by ``problem(rng)``, which returns a `Problem` drawn with the given numpy.random.Generator."""
    return Practice(problem)


class Practice(Display):
    """A set of prepared problems; the first is shown, New numbers goes on to the next."""

    def __init__(self, problem):
        self.problems = [problem(np.random.default_rng(seed)) for seed in range(PREPARED)]
        if len({self.data(p) for p in self.problems}) < 20:
            raise ValueError("practice: fewer than 20 different problems; draw from a wider range")

    def data(self, problem):
        """What the page needs to know of one problem, as JSON."""
        face = "".join(f'<div class="practice-given">{trace.html_tables(name, np.asarray(array), _given)}</div>'
                       for name, array in problem.given.items())
        face += "".join(f'<div class="practice-answer">{trace.html_tables(name, _named(name, array), _asked)}</div>'
                        for name, array in problem.answer.items())
        steps = "".join(f"<li>{html.escape(line)}</li>" for line in problem.lines)
        return json.dumps({"face": f"<p>{html.escape(problem.question)}</p><div class=\"practice-tables\">{face}</div>", "steps": steps})

    def text(self):
        first = self.problems[0]
        given = [trace.text_table(name, np.asarray(array)) for name, array in first.given.items()]
        return "\n".join([f"Practice: {first.question}", *given, *first.lines])

    def html(self):
        first = json.loads(self.data(self.problems[0]))
        problems = f"[{','.join(map(self.data, self.problems))}]".replace("</", "<\\/")
        return (f'<figure class="practice" data-lm-suppress-shortcuts="true"><div class="practice-face">{first["face"]}</div>'
                '<div class="practice-buttons"><button type="button" data-action="check">Check</button> '
                '<button type="button" data-action="steps" aria-expanded="false">Show the steps</button> '
                '<button type="button" data-action="new">New numbers</button></div>'
                '<p class="practice-verdict" role="status"></p>'
                f'<ol class="practice-steps" hidden>{first["steps"]}</ol>'
                f'<script type="application/json">{problems}</script></figure>')


def _named(name, array):
    """An object array of (cell name, value) for the cells to fill in."""
    array = np.asarray(array)
    cells = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        cells[index] = trace.cell_name(name, index), float(array[index])
    return cells


def _given(value):
    return f"<td>{html.escape(trace.number(value))}</td>"


def _asked(entry):
    name, value = entry
    return (f'<td><input type="text" inputmode="text" autocomplete="off" size="5" data-cell="{name}" '
            f'data-answer="{trace.number(value)}" aria-label="{name}"><span class="practice-mark" aria-hidden="true"></span></td>')
