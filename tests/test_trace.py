"""Recording scalars: every explanation of every traced table in every chapter evaluates to its number."""

import math
import re

import numpy as np
import pytest

from book_files import CHAPTERS
from dlblocks.book import trace
from run_chapters import displays


class Interval:
    """Every value that a printed number may stand for, carried through arithmetic: what rounding leaves open, and no more."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    @classmethod
    def printed(cls, text):
        mantissa, _, exponent = text.partition("e")
        exact = not exponent and len(mantissa.partition(".")[2]) < 4  # see dlblocks.book.trace.number
        slack = 0.0 if exact else 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        return cls(float(text) - slack, float(text) + slack)

    def _with(self, other, operation):
        other = other if isinstance(other, Interval) else Interval(other, other)
        values = [operation(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(values), max(values))

    def __add__(self, other): return self._with(other, lambda a, b: a + b)
    def __sub__(self, other): return self._with(other, lambda a, b: a - b)
    def __mul__(self, other): return self._with(other, lambda a, b: a * b)
    def __truediv__(self, other): return self._with(other, lambda a, b: a / b)
    def __neg__(self): return Interval(-self.high, -self.low)

    def __pow__(self, other):
        power = self._with(other, lambda a, b: a ** b)
        return Interval(min(0, power.low), power.high) if self.low < 0 < self.high else power


def monotone(f):
    return lambda x: Interval(f(x.low), f(x.high))


NAMES = {"exp": monotone(math.exp), "log": monotone(math.log), "tanh": monotone(math.tanh), "sqrt": monotone(math.sqrt),
         "abs": lambda x: Interval(0 if x.low < 0 < x.high else min(abs(x.low), abs(x.high)), max(abs(x.low), abs(x.high))),
         "max": lambda *xs: Interval(max(x.low for x in xs), max(x.high for x in xs)),
         "min": lambda *xs: Interval(min(x.low for x in xs), min(x.high for x in xs)), "Interval": Interval,
         "inf": Interval(math.inf, math.inf)}


def holds(arithmetic):
    """True if the sides of ``name = expression = number`` can be equal, each printed number standing for what rounds to it."""
    _, *sides = arithmetic.split(" = ")
    intervals = [eval(re.sub(r"\d+(?:\.\d+)?(?:e[-+]\d+)?", lambda m: f"Interval.printed('{m[0]}')", side), {"__builtins__": {}}, NAMES)
                 for side in sides]
    return all(a.low <= b.high + 1e-12 and b.low <= a.high + 1e-12 for a in intervals for b in intervals)


@pytest.mark.parametrize("arithmetic, true", [
    ("y[0] = 1*1 + 2*3 + 3*5 + 1 = 23", True), ("y[0] = 1*1 + 2*3 + 3*5 + 1 = 24", False),
    ("h = (1 - 0.7311)*0.6351 + 0.7311*0.5 = 0.5363", True), ("h = (1 - 0.7311)*0.6351 + 0.7311*0.5 = 0.5373", False),
    ("q = 2*(-2 - 1)*(-(-2))**2 = -24", True), ("z = 1/(1 + exp(-(-2))) = 0.1192", True), ("z = 1/(1 + exp(-2)) = 0.1192", False),
])
def test_the_judge_can_tell_true_from_false(arithmetic, true):
    assert holds(arithmetic) is true


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_explanation_evaluates_to_its_number(path):
    tables = displays(path)["traced"]
    assert tables
    for table in tables:
        for cells in table.arrays.values():
            for node in cells.flat:
                names, arithmetic, operands = table.explanations[node.name]
                assert holds(arithmetic), arithmetic
                assert arithmetic.endswith(f"= {trace.number(node.value)}")
                assert all(operand in table.explanations for operand in operands)


def test_provenance_survives_numpy_and_python():
    def fn(x, w):
        a = np.maximum(x, 0)
        return {"a": a, "m": x.max(), "s": (x * w).sum(), "p": x @ w, "e": np.exp(w) / np.sqrt(x * x), "q": abs(x[1]) ** 2}

    table = trace.Traced(fn, None, {"x": [1, -2], "w": [3, 0.5]})
    explained = {name: entry[1] for name, entry in table.explanations.items()}
    assert explained["a[1]"] == "a[1] = max(-2, 0) = 0"
    assert explained["m"] == "m = max(1, -2) = 1"
    assert explained["s"] == "s = 1*3 + (-2)*0.5 = 2"
    assert table.explanations["p"][2] == ["x[0]", "w[0]", "x[1]", "w[1]"]
    assert explained["e[1]"] == "e[1] = exp(0.5)/sqrt(-2*(-2)) = 0.8244"
    assert explained["q"] == "q = abs(-2)**2 = 4"


def test_an_index_is_an_operand():
    table = trace.Traced(lambda ids, weight: np.array([weight[i] for i in ids]), None, {"ids": [2], "weight": [[1, 2], [3, 4], [5, 6]]})
    assert table.explanations["y[0, 1]"] == ("y[0, 1] = weight[2, 1]", "y[0, 1] = 6", ["weight[2, 1]", "ids[0]"])


def test_an_intermediate_ends_the_expression():
    table = trace.Traced(lambda x: {"z": x + 1, "h": (x + 1) * 2}, None, {"x": [3]})
    assert table.explanations["h[0]"][1] == "h[0] = (3 + 1)*2 = 8"  # computed anew, not through z

    def through(x):
        z = x + 1
        return {"z": z, "h": z * 2}

    assert trace.Traced(through, None, {"x": [3]}).explanations["h[0]"] == ("h[0] = z[0]*2", "h[0] = 4*2 = 8", ["z[0]"])


def test_clear_errors():
    with pytest.raises(TypeError, match="dtype=x.dtype"):
        trace.traced(lambda x: np.zeros(1) + np.array([float(x[0])]), x=[1])
    with pytest.raises(ValueError, match="layout must place each of x, y once"):
        trace.traced(lambda x: x + 1, [["x"]], x=[1])
    with pytest.raises(ValueError, match="x is an input and a result"):
        trace.traced(lambda x: {"x": x + 1}, x=[1])
