"""Losses: what a prediction costs, given the target (those of class scores are handed on from cross_entropy.py)."""

import numpy as np

from dlblocks.checks import check_choice, check_shapes
from dlblocks.cross_entropy import (REDUCTIONS, cross_entropy, cross_entropy_backward, nll_loss, nll_loss_backward,  # noqa: F401
                                    reduce_loss)


def mse_loss(x, target, reduction="mean"):
    """Squared error: ``(x - target)**2``, its mean over all numbers by default.

    Shapes: x: ..., target: ...; returns a number, or the shape of x for reduction "none".
    Raises ShapeError if the shapes differ, ValueError for a reduction other than "mean", "sum" and "none".
    Source: Legendre (1805).

    >>> float(mse_loss([1, 2, 3], [1, 0, 0]))  # (0 + 4 + 9) / 3
    4.333333333333333
    """
    x, target, _ = _read(x, target, reduction)
    error = x - target
    return reduce_loss(error * error, x.size, reduction)


def mse_loss_backward(dy, x, target, reduction="mean"):
    """Gradient of `mse_loss`: ``dx = dy * 2 * (x - target)``, for the mean divided by the count; none for the target.

    Shapes: dy: a number, or the shape of x for reduction "none", x: ..., target: ...; returns dx of the shape of x.
    Raises what `mse_loss` raises. Source: the chain rule.

    >>> mse_loss_backward(3, [1, 2, 3], [1, 0, 0])
    array([0., 4., 6.])
    """
    x, target, dy = _read(x, target, reduction, dy)
    dx = x - target
    dx *= 2 * dy
    return dx
