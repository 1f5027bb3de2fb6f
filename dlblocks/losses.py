"""Losses: what a prediction costs, given its target (those of class scores are handed on from cross_entropy.py).

The result is the mean of the single losses, their sum, or, for reduction "none", each of them; a target has no gradient.
"""

import numpy as np

from dlblocks.activations import sigmoid
from dlblocks.checks import check_choice, check_shapes
from dlblocks.cross_entropy import (REDUCTIONS, cross_entropy, cross_entropy_backward, nll_loss, nll_loss_backward,  # noqa: F401
                                    reduce_loss)

LEAST = float(np.float32(1e-12))  # PyTorch keeps this number in single precision


def mse_loss(x, target, reduction="mean"):
    """Squared error: ``(x - target)**2``.

    Shapes: x: ..., target: ...; returns a number, or the shape of x for reduction "none".
    Raises ShapeError if the shapes differ, ValueError for a reduction other than "mean", "sum" and "none".
    Source: Legendre (1805).

    >>> float(mse_loss([1, 2, 3], [0, 0, 1]))  # (1 + 4 + 4) / 3
    3.0
    """
    x, target, _, _ = _read(x, target, reduction)
    error = x - target
    if reduction == "none":
        return error * error
    return np.vdot(error, error) / (x.size if reduction == "mean" else 1)


def mse_loss_backward(dy, x, target, reduction="mean"):
    """Gradient of `mse_loss`: ``dx = dy * 2 * (x - target)``, divided by the count for the mean.

    Shapes: dy: a number, or the shape of x for reduction "none", x: ..., target: ...; returns dx of the shape of x.
    Raises what `mse_loss` raises, and ShapeError for a dy of another shape. Source: the chain rule.

    >>> mse_loss_backward(3, [1, 2, 3], [0, 0, 1])
    array([2., 4., 4.])
    """
    x, target, _, _ = _read(x, target, reduction)
    return (x - target) * (2 * _upstream(dy, x, reduction))


def binary_cross_entropy(x, target, weight=None, reduction="mean"):
    """What a probability x of "yes" costs: ``-weight * (target * log(x) + (1 - target) * log(1 - x))``, logarithms no lower than -100.

    Shapes: x: ..., target: ..., weight: ... | None; returns a number, or the shape of x for reduction "none".
    Raises ShapeError if the shapes differ, ValueError for x outside 0..1 or a reduction other than "mean", "sum" and "none".
    Source: Good (1952); the floor of -100 is PyTorch's.

    >>> float(binary_cross_entropy([0.5, 0.25], [1, 0], reduction="sum").round(4))  # log(2) + log(4/3)
    0.9808
    """
    x, target, weight, _ = _read(x, target, reduction, weight)
    _check_probability("binary_cross_entropy", x)
    with np.errstate(divide="ignore"):  # log(0)
        loss = (target - 1) * np.maximum(np.log1p(-x), -100) - target * np.maximum(np.log(x), -100)
    return reduce_loss(loss if weight is None else loss * weight, x.size, reduction)


def binary_cross_entropy_backward(dy, x, target, weight=None, reduction="mean"):
    """Gradient of `binary_cross_entropy`: ``dx = dy * weight * (x - target) / (x * (1 - x))``, divided by the count for the mean.

    As in PyTorch the divisor is no less than 1e-12, which keeps dx finite at 0 and 1.
    Shapes: dy: a number, or the shape of x for reduction "none", x: ..., target: ..., weight: ... | None; returns dx of the shape of x.
    Raises what `binary_cross_entropy` raises, and ShapeError for a dy of another shape. Source: the chain rule.

    >>> binary_cross_entropy_backward(1, [0.5, 0.25], [1, 0], reduction="sum").round(4)  # -1 / x and 1 / (1 - x)
    array([-2.    ,  1.3333])
    """
    x, target, weight, _ = _read(x, target, reduction, weight)
    _check_probability("binary_cross_entropy_backward", x)
    dx = (x - target) / np.maximum(x * (1 - x), LEAST)
    dx *= _upstream(dy, x, reduction)
    return dx if weight is None else dx * weight


def binary_cross_entropy_with_logits(x, target, weight=None, reduction="mean", pos_weight=None):
    """`binary_cross_entropy` of sigmoid(x), which cannot overflow: ``max(x, 0) - x * target + log(1 + exp(-|x|))``, times the weight.

    ``pos_weight`` counts the costs of the targets 1 so many times:
    ``pos_weight * target * log(1 + exp(-x)) + (1 - target) * log(1 + exp(x))``.
    Shapes: x: ..., target: ..., weight: ... | None, pos_weight: a number or one per entry of the last axis, or None;
    returns a number, or the shape of x for reduction "none".
    Raises ShapeError if the shapes do not fit, ValueError for a reduction other than "mean", "sum" and "none".
    Source: Good (1952); the stable form and pos_weight are PyTorch's.

    >>> binary_cross_entropy_with_logits([0, 1000], [1, 0], reduction="none").round(4)  # log(2), and 1000 for a sure mistake
    array([6.931e-01, 1.000e+03])
    """
    x, target, weight, pos_weight = _read(x, target, reduction, weight, pos_weight)
    loss = np.log1p(np.exp(-np.abs(x)))
    if pos_weight is None:
        loss += np.maximum(x, 0) - x * target
    else:
        loss = (1 - target) * x + (1 + (pos_weight - 1) * target) * (loss + np.maximum(-x, 0))
    return reduce_loss(loss if weight is None else loss * weight, x.size, reduction)


def binary_cross_entropy_with_logits_backward(dy, x, target, weight=None, reduction="mean", pos_weight=None):
    """Gradient of `binary_cross_entropy_with_logits`: ``dx = dy * weight * (sigmoid(x) - target)``, divided by the count for the mean.

    With ``pos_weight`` q, ``dx = dy * weight * (sigmoid(x) * (1 + (q - 1) * target) - q * target)``.
    Shapes: dy: a number, or the shape of x for reduction "none", the others as in the forward; returns dx of the shape of x.
    Raises what `binary_cross_entropy_with_logits` raises, and ShapeError for a dy of another shape. Source: the chain rule.

    >>> binary_cross_entropy_with_logits_backward(1, [0, 1000], [1, 0], reduction="sum")
    array([-0.5,  1. ])
    """
    x, target, weight, pos_weight = _read(x, target, reduction, weight, pos_weight)
    dx = sigmoid(x)
    if pos_weight is not None:
        dx *= 1 + (pos_weight - 1) * target
        target = pos_weight * target
    dx -= target
    dx *= _upstream(dy, x, reduction)
    return dx if weight is None else dx * weight


def _read(x, target, reduction, weight=None, pos_weight=None):
    """Check the arguments and return them in the dtype of x."""
    check_choice("reduction", reduction, REDUCTIONS)
    C = " C" if np.ndim(pos_weight) else ""
    x, *others = check_shapes(f"x: ...{C}, target: ...{C}, weight: ...{C} | None, pos_weight:{C} | None",
                              x=x, target=target, weight=weight, pos_weight=pos_weight)
    return x, *(None if other is None else other.astype(x.dtype, copy=False) for other in others)


def _upstream(dy, x, reduction):
    """The gradient of each single loss: dy, divided by their number for the mean."""
    dy = check_shapes("x: ..., dy: ..." if reduction == "none" else "x: ..., dy:", x=x, dy=dy)[1].astype(x.dtype)
    return dy / x.size if reduction == "mean" else dy


def _check_probability(name, x):
    if x.min() < 0 or x.max() > 1:
        raise ValueError(f"{name}: x must hold probabilities, in 0..1; got numbers in {x.min()}..{x.max()}")
