"""The softmax and its logarithm, along one axis."""

import numpy as np

from dlblocks.checks import check_option, check_shapes


def softmax(x, axis=-1):
    """Turn numbers into shares that add up to 1 along an axis: ``y = exp(x) / sum(exp(x))``.

    The largest x is subtracted first, which changes no share and keeps exp from overflowing.
    Shapes: x: ... N; returns the same. Raises ShapeError for a single number, TypeError or ValueError for an axis that x does not have.
    Source: Bridle (1990); Blanchard, Higham and Higham (2021) for the subtraction.

    >>> softmax(np.log([1, 2, 5]))
    array([0.125, 0.25 , 0.625])
    """
    x = check_shapes("x: ... N", x=x)
    axis = check_option("axis", axis, low=-x.ndim, high=x.ndim - 1, integer=True)
    y = x - x.max(axis=axis, keepdims=True)
    np.exp(y, out=y)
    y /= _sum(y, axis)
    return y


def softmax_backward(dy, x, axis=-1):
    """Gradient of `softmax`: ``dx = y * (dy - sum(dy * y))``, the sum along the axis.

    Shapes: dy: ... N, x: ... N; returns the same. Raises what `softmax` raises, and ShapeError if the shapes differ.
    Source: Bridle (1990).

    >>> softmax_backward([8, 0, 0], np.log([1, 2, 5]))
    array([ 0.875, -0.25 , -0.625])
    """
    x, dy = check_shapes("x: ... N, dy: ... N", x=x, dy=dy)
    axis = check_option("axis", axis, low=-x.ndim, high=x.ndim - 1, integer=True)
    y = softmax(x, axis)
    dx = dy - np.expand_dims(np.vecdot(y, dy, axis=axis), axis)
    dx *= y
    return dx


def log_softmax(x, axis=-1):
    """The logarithm of the softmax, without the detour that gives log(0): ``y = x - log(sum(exp(x)))``, the largest x subtracted first.

    Shapes: x: ... N; returns the same. Raises ShapeError for a single number, TypeError or ValueError for an axis that x does not have.
    Source: Blanchard, Higham and Higham (2021).

    >>> np.exp(log_softmax(np.log([1, 2, 5])))
    array([0.125, 0.25 , 0.625])
    """
    x = check_shapes("x: ... N", x=x)
    axis = check_option("axis", axis, low=-x.ndim, high=x.ndim - 1, integer=True)
    y = x - x.max(axis=axis, keepdims=True)
    y -= np.log(_sum(np.exp(y), axis))
    return y


def log_softmax_backward(dy, x, axis=-1):
    """Gradient of `log_softmax`: ``dx = dy - softmax(x) * sum(dy)``, the sum along the axis.

    Shapes: dy: ... N, x: ... N; returns the same. Raises what `log_softmax` raises, and ShapeError if the shapes differ.
    Source: the chain rule.

    >>> log_softmax_backward([8, 0, 0], np.log([1, 2, 5]))
    array([ 7., -2., -5.])
    """
    x, dy = check_shapes("x: ... N, dy: ... N", x=x, dy=dy)
    axis = check_option("axis", axis, low=-x.ndim, high=x.ndim - 1, integer=True)
    return dy - softmax(x, axis) * _sum(dy, axis)


def _sum(x, axis):
    """``x.sum(axis, keepdims=True)``, several times as fast along a short last axis."""
    return np.expand_dims(np.einsum("...i->...", np.moveaxis(x, axis, -1)), axis)
