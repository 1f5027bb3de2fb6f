"""Check a backward function against finite differences."""

import numpy as np


def gradcheck(f, f_backward, *inputs, wrt=None, rng=None, directions=3, step=1e-6, **options):
    """Return the largest relative error of ``f_backward`` against central differences of ``f`` in random directions.

    For a random upstream gradient dy and a random direction v of one input x, the number ``sum(dx * v)`` must equal
    ``sum(dy * (f(x + step v) - f(x - step v))) / (2 step)``. Upstream gradients of ones would hide errors: the
    gradients of softmax and of the normalizations vanish under them.

    ``inputs`` are f's arguments in order, ``options`` its keywords; ``wrt`` picks the inputs to check (default: every
    float array); ``rng`` is a numpy.random.Generator. f may return nested tuples; dy is nested likewise.
    Source: Griewank and Walther (2008), *Evaluating Derivatives*, chapter 1.

    >>> from dlblocks.linear import linear, linear_backward
    >>> x, weight = np.array([1.0, 2.0, 3.0]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> gradcheck(linear, linear_backward, x, weight) < 1e-8
    True
    """
    rng = np.random.default_rng(0) if rng is None else rng
    inputs = list(inputs)
    # Gradients come in this order; ids and masks have none.
    places = [i for i, x in enumerate(inputs) if x is None or isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    if wrt is None:
        wrt = [i for i, x in enumerate(inputs) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    worst = 0.0
    for _ in range(directions):
        dy = _map(lambda part: rng.standard_normal(np.shape(part)), f(*inputs, **options))
        gradients = f_backward(dy, *inputs, **options)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        for i in wrt:
            v = rng.standard_normal(inputs[i].shape)
            high = f(*inputs[:i], inputs[i] + step * v, *inputs[i + 1:], **options)
            low = f(*inputs[:i], inputs[i] - step * v, *inputs[i + 1:], **options)
            measured = (_dot(dy, high) - _dot(dy, low)) / (2 * step)
            claimed = float(np.sum(gradients[places.index(i)] * v))
            worst = max(worst, abs(measured - claimed) / max(1.0, abs(measured), abs(claimed)))
    return worst


def _map(f, nested):
    return tuple(_map(f, part) for part in nested) if isinstance(nested, tuple) else f(nested)


def _dot(a, b):
    return sum(map(_dot, a, b)) if isinstance(a, tuple) else float(np.sum(a * b))
