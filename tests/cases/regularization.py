import numpy as np

from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.regularization import (contractive_penalty, contractive_penalty_backward, dropout, dropout_backward, l1_penalty,
                                     l1_penalty_backward)


def torch_dropout(x, mask, p=0.5):
    return x.masked_fill(~mask, 0) / (1 - p)


def torch_l1_penalty(x):
    return x.abs().sum()


def torch_contractive_penalty(h, weight):
    """By the Jacobians themselves: row j of a Jacobian is h[j] * (1 - h[j]) times column j of the weight."""
    import torch
    jacobians = torch.diag_embed(h * (1 - h)) @ weight.T
    return torch.linalg.matrix_norm(jacobians, "fro").square().mean()


def mask(*shape):
    return np.random.default_rng(8).random(shape) >= 0.4


def code(*shape):
    return np.random.default_rng(9).uniform(0.05, 0.95, shape)


CASES = [
    Case(f"dropout {name}", dropout, dropout_backward, inputs, torch_dropout, options, smooth=name != "large")
    for name, (inputs, options) in {
        "batch": ((draw(4, 5), mask(4, 5)), {}),
        "another p": ((draw(2, 3, 4), mask(2, 3, 4)), {"p": 0.1}),
        "p = 0": ((draw(4, 5), mask(4, 5)), {"p": 0}),
        "all kept": ((draw(6), np.ones(6, bool)), {"p": 0.75}),
        "none kept": ((draw(6), np.zeros(6, bool)), {"p": 0.75}),
        "single number": ((np.array(2.0), np.array(True)), {"p": 0.5}),
        "large": ((extreme(4, 5), mask(4, 5)), {"p": 0.999}),
    }.items()
] + [
    Case(f"l1_penalty {name}", l1_penalty, l1_penalty_backward, (x,), torch_l1_penalty, smooth=name == "away from kinks")
    for name, x in {"batch": draw(4, 5), "away from kinks": code(2, 3, 4) * np.where(mask(2, 3, 4), 1, -1), "single number": np.array(-2.0),
                    "size-1 axes": draw(1, 1), "large": extreme(4, 5)}.items()
] + [
    Case(f"contractive_penalty {name}", contractive_penalty, contractive_penalty_backward, inputs, torch_contractive_penalty,
         smooth=name != "large")
    for name, inputs in {
        "batch": (code(4, 3), draw(5, 3)),
        "one sample": (code(1, 3), draw(5, 3)),
        "size-1 axes": (code(1, 1), np.array([[2.0]])),
        "large": (code(4, 3), extreme(5, 3)),
    }.items()
] + [
    Case("contractive_penalty saturated codes", contractive_penalty, contractive_penalty_backward,
         (np.array([[0, 0.2], [1, 0.7]]), draw(3, 2)), torch_contractive_penalty, smooth=False),
]

BAD_CALLS = [
    BadCall(lambda: dropout([1, 2], [1, 0]), TypeError, r"^dropout: mask must hold True and False, got an array of int64"),
    BadCall(lambda: dropout([1, 2], None), TypeError, r"^dropout: mask must hold True and False, got an array of object"),
    BadCall(lambda: dropout([1, 2], [True]), ShapeError, r"^dropout: mask is \(1,\), but x is \(2,\)"),
    BadCall(lambda: dropout([1, 2], True), ShapeError, r"^dropout: mask is \(\), but x is \(2,\)"),
    BadCall(lambda: dropout([1], [True], p=1), ValueError, r"^dropout: p must be at least 0 and below 1, got 1"),
    BadCall(lambda: dropout([1], [True], p=-0.1), ValueError, r"^dropout: p must be at least 0 and below 1, got -0.1"),
    BadCall(lambda: dropout([1], [True], p=float("nan")), ValueError, r"^dropout: p must be at least 0 and below 1, got nan"),
    BadCall(lambda: dropout([1], [True], p=False), TypeError, r"^dropout: p must be a number, got False"),
    BadCall(lambda: dropout_backward([1], [1, 2], [True, True]), ShapeError, r"^dropout_backward: dy axis \.\.\. .* is \(1,\), but x axis"),
    BadCall(lambda: dropout_backward([1, 2], [1, 2], [[True, True]]), ShapeError, r"^dropout_backward: mask is \(1, 2\), but x is \(2,\)"),
    BadCall(lambda: dropout_backward([1], [1], [True], p=2), ValueError, r"^dropout_backward: p must be"),
    BadCall(lambda: l1_penalty("x"), TypeError, r"^l1_penalty: x must hold real numbers"),
    BadCall(lambda: l1_penalty([]), ShapeError, r"^l1_penalty: x has an axis of length 0"),
    BadCall(lambda: l1_penalty_backward([1, 1], [1, 2]), ShapeError, r"^l1_penalty_backward: dy has 1 axes, expected 0 axes"),
    BadCall(lambda: contractive_penalty([[0.5]], [[1, 2]]), ShapeError,
            r"^contractive_penalty: weight axis 1 \(H\) is 2, but h axis 1 \(H\) is 1"),
    BadCall(lambda: contractive_penalty([0.5], [[1]]), ShapeError, r"^contractive_penalty: h has 1 axes, expected 2 axes \(N H\)"),
    BadCall(lambda: contractive_penalty([[2.0]], [[1]]), ValueError,
            r"^contractive_penalty: h must be the output of a sigmoid, .* got numbers in 2.0..2.0"),
    BadCall(lambda: contractive_penalty([[-0.5, 0.5]], [[1, 1]]), ValueError, r"^contractive_penalty: h must be the output of a sigmoid"),
    BadCall(lambda: contractive_penalty_backward([1], [[0.5]], [[1]]), ShapeError, r"^contractive_penalty_backward: dy has 1 axes"),
    BadCall(lambda: contractive_penalty_backward(1, [[1.5]], [[1]]), ValueError,
            r"^contractive_penalty_backward: h must be the output of a sigmoid"),
]
