"""The Gaussian error linear unit, exact or by its tanh form: both are ``y = x/2 * (1 + t)`` with a t that runs from -1 to 1."""

import math

import numpy as np

from dlblocks.checks import check_choice, check_shapes

ROOT = math.sqrt(2 / math.pi)
TANH_FORM = ROOT, 0.044715 * ROOT
# The same form with t = erf(x / sqrt(2)) to 2e-7, a float32's last digits: fitted to atanh(erf(x / sqrt(2))) / x over x**2 <= 29.
ERF_FLOAT32 = 0.797884216, 0.0363342835, -3.31299898e-05, -5.52401597e-05, 3.96910964e-06, -1.33446423e-07, 1.80561677e-09
ERF_TABLE = np.array([math.erf(i / 512) for i in range(-6 * 512, 6 * 512 + 1)])


def gelu(x, approximate="none"):
    """Let a number pass by the chance that a normal draw is smaller: ``y = x/2 * (1 + erf(x / sqrt(2)))``.

    With approximate="tanh": ``y = x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x**3)))``.
    Shapes: x: ...; returns the same. Raises TypeError for what is not numbers, ValueError for another approximate.
    Source: Hendrycks and Gimpel (2016), section 2.

    >>> gelu([-1, 0, 1, 2]).round(4)
    array([-0.1587,  0.    ,  0.8413,  1.9545])
    >>> gelu([-1, 0, 1, 2], approximate="tanh").round(4)
    array([-0.1588,  0.    ,  0.8412,  1.9546])
    """
    x = check_shapes("x: ...", x=x)
    t = _t(x, check_choice("approximate", approximate, ("none", "tanh")))
    t += 1
    t *= x
    t *= 0.5
    return t


def gelu_backward(dy, x, approximate="none"):
    """Gradient of `gelu`: ``dx = dy * (1/2 * (1 + t) + x/2 * slope of t)``.

    The slope of t is ``2 * exp(-x**2 / 2) / sqrt(2 pi)``, with approximate="tanh" ``(1 - t**2) * sqrt(2/pi) * (1 + 3 * 0.044715 * x**2)``.
    Shapes: dy: ..., x: ...; returns the same.
    Raises ShapeError if the shapes differ, TypeError for what is not numbers, ValueError for another approximate.
    Source: the chain rule.

    >>> gelu_backward([1, 1, 1, 1], [-1, 0, 1, 2]).round(4)
    array([-0.0833,  0.5   ,  1.0833,  1.0852])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    t = _t(x, check_choice("approximate", approximate, ("none", "tanh")))
    if approximate == "none":
        with np.errstate(over="ignore"):  # exp(-inf) is the right 0
            slope = x * x
        slope *= -0.5
        slope = np.exp(slope)
        slope *= ROOT
    else:
        square = np.square(np.minimum(np.abs(x), 100))  # beyond, the slope of t is 0
        slope = (square * (3 * TANH_FORM[1]) + TANH_FORM[0]) * (1 - t * t)
    slope *= x
    slope += t
    slope += 1
    slope *= 0.5
    return slope * dy


def _t(x, approximate):
    """The t of both forms: ``tanh(x * (c0 + c1 * x**2 + c2 * x**4 + ...))``, or erf."""
    if approximate == "none" and x.dtype != np.float32:
        return _erf(x.astype(np.float64) * math.sqrt(0.5)).astype(x.dtype)
    first, *middle, last = TANH_FORM if approximate == "tanh" else ERF_FLOAT32
    with np.errstate(over="ignore"):  # where it overflows, tanh(inf) is the right 1
        square = x * x
        sums = square * last
        for coefficient in reversed(middle):
            sums += coefficient
            sums *= square
        sums += first
        sums *= x
    return np.tanh(sums)


def _erf(x):
    """The error function to 2e-13: a Taylor series of third order around the nearest entry of a table made with `math.erf`."""
    x = np.clip(x, -6, 6)
    steps = np.rint(x * 512)
    near = steps / 512
    d = x - near
    slope = 2 / math.sqrt(math.pi) * np.exp(-near * near)
    return ERF_TABLE[steps.astype(int) + 6 * 512] + slope * d * (1 - d * (near - d * (2 * near * near - 1) / 3))
