"""The perceptron: a neuron that fires or does not, and the rule that corrects its weights after each mistake."""

from typing import NamedTuple

import numpy as np

from dlblocks.checks import check_option, check_shapes


class Update(NamedTuple):
    """One correction: the sweep (from 1) and the row that caused it, ``error = target - output``, and the weights after it."""

    sweep: int
    row: int
    error: float
    weight: np.ndarray
    bias: float


def perceptron(x, weight, bias):
    """Fire if the weighted sum is above 0: ``y = 1`` where ``x @ weight + bias > 0``, else 0.

    Shapes: x: ... I, weight: I, bias: a number; returns ...
    Raises ShapeError if the shapes do not fit.
    Source: McCulloch and Pitts (1943); Rosenblatt (1958).

    >>> perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [1, 1], -1)
    array([0., 0., 0., 1.])
    """
    x, weight, bias = check_shapes("x: ... I, weight: I, bias: ", x=x, weight=weight, bias=bias)
    z = x @ weight + bias
    return (z > 0).astype(z.dtype)


def perceptron_update(x, target, weight, bias, lr=1):
    """Correct a perceptron after one example: ``weight + lr * error * x`` and ``bias + lr * error``, ``error = target - output``.

    Shapes: x: I, target: a number (0 or 1), weight: I, bias: a number; returns (weight, bias), unchanged if the output was right.
    Raises ShapeError if the shapes do not fit, ValueError for a target other than 0 or 1 or an lr below 0.
    Source: Rosenblatt (1958); in this form Novikoff (1962).

    >>> weight, bias = perceptron_update([0, 1], 1, [0, 0], 0)
    >>> print(weight, bias)
    [0. 1.] 1.0
    """
    x, target, weight, bias = check_shapes("x: I, target: , weight: I, bias: ", x=x, target=target, weight=weight, bias=bias)
    _check_targets("perceptron_update", target)
    change = check_option("lr", lr, low=0) * float(target - perceptron(x, weight, bias))  # a Python number keeps float32 narrow
    return weight + change * x, bias + change


def perceptron_train(x, target, weight=None, bias=None, lr=1, sweeps=100):
    """Apply `perceptron_update` to row after row until a whole sweep needs no correction, at most ``sweeps`` times.

    Shapes: x: N I, target: N (each 0 or 1), weight: I | None, bias: a number | None, None meaning zeros; returns (weight, bias,
    updates), the last a list of `Update`. If a line (a plane, ...) separates the targets, the rule ends; otherwise it never does.
    Raises ShapeError if the shapes do not fit, ValueError for a target other than 0 or 1 or an lr below 0.
    Source: Rosenblatt (1958); Novikoff (1962) proved that it ends.

    >>> weight, bias, updates = perceptron_train([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1])
    >>> print(weight, bias, len(updates))
    [1. 1.] 0.0 4
    """
    x, target, weight, bias = check_shapes("x: N I, target: N, weight: I | None, bias: | None", x=x, target=target, weight=weight, bias=bias)
    _check_targets("perceptron_train", target)
    lr, sweeps = check_option("lr", lr, low=0), check_option("sweeps", sweeps, low=1, integer=True)
    weight = np.zeros_like(x[0]) if weight is None else weight
    bias = np.zeros_like(x[0, 0]) if bias is None else bias
    updates = []
    for sweep in range(1, sweeps + 1):
        before = len(updates)
        for row in range(len(x)):
            error = float(target[row] - perceptron(x[row], weight, bias))
            if error:
                weight, bias = perceptron_update(x[row], target[row], weight, bias, lr)
                updates.append(Update(sweep, row, error, weight, bias))
        if len(updates) == before:
            break
    return weight, bias, updates


def _check_targets(name, target):
    if not np.isin(target, (0, 1)).all():
        raise ValueError(f"{name}: target must hold 1 (fire) or 0 (do not), got {np.setdiff1d(target, (0, 1))[0]:g}")

