"""Dropout, and penalties that are added to a loss."""

import numpy as np

from dlblocks.checks import ShapeError, as_array, check_option, check_shapes


def dropout(x, mask, p=0.5):
    """Keep the numbers that the mask marks, scaled up to make good for the others: ``y = x / (1 - p)`` where mask is True, else 0.

    Draw the mask with probability 1 - p of True, ``rng.random(x.shape) >= p``: the mean of y is x then.
    Shapes: x: ..., mask: ... (True or False); returns the same.
    Raises ShapeError if the shapes differ, TypeError for a mask that is not boolean, ValueError for p outside 0 <= p < 1.
    Source: Srivastava et al. (2014), scaled in training as PyTorch does, where the paper scales in use.

    >>> dropout([1, 2, 3, 4], [True, False, True, False], p=0.5)
    array([2., 0., 6., 0.])
    """
    x = check_shapes("x: ...", x=x)
    mask, p = _as_mask("dropout", mask, x), check_option("p", p, low=0, below=1)
    return x * mask * (1 / (1 - p)) + 0  # + 0 makes 0 of -0


def dropout_backward(dy, x, mask, p=0.5):
    """Gradient of `dropout`: ``dx = dy / (1 - p)`` where mask is True, else 0.

    Shapes: dy: ..., x: ..., mask: ... (True or False); returns the same.
    Raises what `dropout` raises, and ShapeError if dy has not the shape of x.
    Source: Srivastava et al. (2014), section 5.1.

    >>> dropout_backward([1, 1, 1, 1], [1, 2, 3, 4], [True, False, True, False], p=0.5)
    array([2., 0., 2., 0.])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    mask, p = _as_mask("dropout_backward", mask, x), check_option("p", p, low=0, below=1)
    return dy * mask * (1 / (1 - p)) + 0


def l1_penalty(x):
    """Add up absolute values: ``y = sum(|x|)``.

    Shapes: x: ...; returns a number. Raises TypeError for what is not numbers.
    Source: Tibshirani (1996).

    >>> float(l1_penalty([[1, -2], [0, 3]]))
    6.0
    """
    x = check_shapes("x: ...", x=x)
    return np.abs(x).sum()


def l1_penalty_backward(dy, x):
    """Gradient of `l1_penalty`: ``dx = dy * sign(x)``, 0 at 0 as in PyTorch.

    Shapes: dy: a number, x: ...; returns dx of the shape of x. Raises ShapeError if dy is not one number.
    Source: Tibshirani (1996).

    >>> l1_penalty_backward(10, [[1, -2], [0, 3]])
    array([[ 10., -10.],
           [  0.,  10.]])
    """
    x, dy = check_shapes("x: ..., dy:", x=x, dy=dy)
    return np.sign(x) * dy.astype(x.dtype) + 0


def contractive_penalty(h, weight):
    """Measure how a code ``h = sigmoid(x @ weight + bias)`` moves with x: the squared Frobenius norm of dh/dx, its mean over the batch.

    ``y = 1/N * sum over n, j of (h[n, j] * (1 - h[n, j]))**2 * sum over i of weight[i, j]**2``.
    Shapes: h: N H, weight: I H; returns a number.
    Raises ShapeError if the shapes do not fit, ValueError if h lies outside 0..1, where no sigmoid leads.
    Source: Rifai, Vincent, Muller, Glorot and Bengio (2011), Contractive Auto-Encoders.

    >>> float(contractive_penalty([[0.5, 0.5]], [[4, 0], [0, 8]]))
    5.0
    """
    h, weight = check_shapes("h: N H, weight: I H", h=h, weight=weight)
    _check_sigmoid("contractive_penalty", h)
    return (np.square(h * (1 - h)) @ np.square(weight).sum(axis=0)).mean()


def contractive_penalty_backward(dy, h, weight):
    """Gradients of `contractive_penalty`, with the slope ``s = h * (1 - h)`` and w the column sums of ``weight**2``.

    ``dh = dy * 2/N * s * (1 - 2 * h) * w``; ``dweight[:, j] = dy * 2/N * weight[:, j] * sum over n of s[n, j]**2``.
    Shapes: dy: a number, h: N H, weight: I H; returns (dh, dweight).
    Raises what `contractive_penalty` raises, and ShapeError if dy is not one number.
    Source: the chain rule.

    >>> dh, dweight = contractive_penalty_backward(1, [[0.5, 0.5]], [[4, 0], [0, 8]])
    >>> dweight
    array([[0.5, 0. ],
           [0. , 1. ]])
    """
    h, weight, dy = check_shapes("h: N H, weight: I H, dy:", h=h, weight=weight, dy=dy)
    _check_sigmoid("contractive_penalty_backward", h)
    slope, scale = h * (1 - h), dy.astype(h.dtype) * 2 / len(h)
    dh = slope * (1 - 2 * h) * (np.square(weight).sum(axis=0) * scale)
    return dh, weight * (np.square(slope).sum(axis=0) * scale)


def _as_mask(name, mask, x):
    mask = as_array("mask", mask)
    if mask.dtype != bool:
        raise TypeError(f"{name}: mask must hold True and False, got an array of {mask.dtype}")
    if mask.shape != x.shape:
        raise ShapeError(f"{name}: mask is {mask.shape}, but x is {x.shape}")
    return mask


def _check_sigmoid(name, h):
    if h.min() < 0 or h.max() > 1:
        raise ValueError(f"{name}: h must be the output of a sigmoid, in 0..1; got numbers in {h.min()}..{h.max()}")
