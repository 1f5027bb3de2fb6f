"""Normalization: batch norm over each channel, layer norm over each last axis."""

import numpy as np

from dlblocks.checks import check_option, check_shapes


def batch_norm(x, weight, bias, running_mean=None, running_var=None, eps=1e-5):
    """Give every channel mean 0 and variance 1, then scale and shift it: ``y = (x - mean) / sqrt(var + eps) * weight + bias``.

    Training: mean and var (the biased one, divided by the count) are those of the channel over the batch and all positions.
    Inference: they are the running statistics, when both are given.
    Shapes: x: N C ... (as N C, N C L or N C H W), weight: C, bias: C, running_mean: C | None, running_var: C | None; returns N C ...
    Raises ShapeError if the shapes do not fit, ValueError for one number per channel in training, for only one running statistic,
    for a negative variance or eps, and where var + eps is 0.
    Source: Ioffe and Szegedy (2015), algorithm 1.

    >>> batch_norm([[1, 10], [3, 50]], weight=[1, 2], bias=[0, 5], eps=0)
    array([[-1.,  3.],
           [ 1.,  7.]])
    """
    x, weight, bias, running_mean, running_var = check_shapes(
        "x: N C ..., weight: C, bias: C, running_mean: C | None, running_var: C | None",
        x=x, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    centered, rstd = _center_channels("batch_norm", x, running_mean, running_var, check_option("eps", eps, low=0))
    centered *= (rstd * weight)[:, None]
    centered += bias[:, None]
    return centered.reshape(x.shape)


def batch_norm_backward(dy, x, weight, bias, running_mean=None, running_var=None, eps=1e-5):
    """Gradients of `batch_norm`, with the normalized ``n = (x - mean) / sqrt(var + eps)``.

    Per channel, ``dbias = sum(dy)``, ``dweight = sum(dy * n)`` and
    ``dx = weight / sqrt(var + eps) * (dy - mean(dy) - n * mean(dy * n))``, or without both means if running statistics are given.
    Shapes: dy: N C ..., the others as in `batch_norm`; returns (dx, dweight, dbias). Raises what `batch_norm` raises.
    Source: Ioffe and Szegedy (2015), section 3.

    >>> dx, dweight, dbias = batch_norm_backward([[1], [0], [0], [0]], [[1], [1], [3], [3]], weight=[4], bias=[0], eps=0)
    >>> dx.T  # n is -1 -1 1 1: 4 * (1 - 1/4 - -1 * -1/4), then 4 * (0 - 1/4 - -1 * -1/4), 4 * (0 - 1/4 - 1 * -1/4)
    array([[ 2., -2.,  0.,  0.]])
    >>> dweight, dbias
    (array([-1.]), array([1.]))
    """
    x, weight, bias, running_mean, running_var, dy = check_shapes(
        "x: N C ..., weight: C, bias: C, running_mean: C | None, running_var: C | None, dy: N C ...",
        x=x, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var, dy=dy)
    n, rstd = _center_channels("batch_norm_backward", x, running_mean, running_var, check_option("eps", eps, low=0))
    n *= rstd[:, None]
    dy = dy.reshape(n.shape)
    dweight, dbias = np.einsum("ncl,ncl->c", dy, n), np.einsum("ncl->c", dy)
    dx = dy * (weight * rstd)[:, None]
    if running_mean is None:
        scale = weight * rstd / (len(x) * n.shape[2])
        n *= (scale * dweight)[:, None]
        n += (scale * dbias)[:, None]
        dx -= n
    return dx.reshape(x.shape), dweight, dbias


def layer_norm(x, weight, bias, eps=1e-5):
    """Give every row mean 0 and variance 1, then scale and shift its columns: ``y = (x - mean) / sqrt(var + eps) * weight + bias``.

    mean and var (the biased one, divided by the count) are those of the last axis, each row for itself.
    Shapes: x: ... C, weight: C, bias: C; returns ... C.
    Raises ShapeError if the shapes do not fit, ValueError for a negative eps, and where var + eps is 0.
    Source: Ba, Kiros and Hinton (2016), equation 4.

    >>> layer_norm([[1, 3], [10, 50]], weight=[1, 2], bias=[0, 5], eps=0)
    array([[-1.,  7.],
           [-1.,  7.]])
    """
    x, weight, bias = check_shapes("x: ... C, weight: C, bias: C", x=x, weight=weight, bias=bias)
    y, rstd = _center_rows("layer_norm", x, check_option("eps", eps, low=0))
    y *= rstd[:, None]
    y *= weight
    y += bias
    return y.reshape(x.shape)


def layer_norm_backward(dy, x, weight, bias, eps=1e-5):
    """Gradients of `layer_norm`, with the normalized ``n = (x - mean) / sqrt(var + eps)`` and its gradient ``dn = dy * weight``.

    ``dx = (dn - mean(dn) - n * mean(dn * n)) / sqrt(var + eps)``, the means of each row; ``dweight = sum(dy * n)`` and
    ``dbias = sum(dy)`` over all rows.
    Shapes: dy: ... C, x: ... C, weight: C, bias: C; returns (dx, dweight, dbias). Raises what `layer_norm` raises.
    Source: the chain rule, as for batch norm in Ioffe and Szegedy (2015), section 3.

    >>> dx, dweight, dbias = layer_norm_backward([1, 0, 0, 0], [1, 1, 3, 3], weight=[4, 1, 1, 1], bias=[0, 0, 0, 0], eps=0)
    >>> dx  # n is -1 -1 1 1 and dn is 4 0 0 0: 4 - 1 - -1 * -1, then 0 - 1 - -1 * -1, 0 - 1 - 1 * -1
    array([ 2., -2.,  0.,  0.])
    >>> dweight
    array([-1.,  0.,  0.,  0.])
    """
    x, weight, bias, dy = check_shapes("x: ... C, weight: C, bias: C, dy: ... C", x=x, weight=weight, bias=bias, dy=dy)
    centered, rstd = _center_rows("layer_norm_backward", x, check_option("eps", eps, low=0))
    dy = dy.reshape(centered.shape)
    product = dy * centered
    dweight, dbias = rstd @ product, dy.sum(axis=0)
    mean_dn, mean_dn_n = dy @ weight / len(weight), product @ weight * rstd / len(weight)
    dx = dy * weight
    centered *= (mean_dn_n * rstd)[:, None]
    centered += mean_dn[:, None]
    dx -= centered
    dx *= rstd[:, None]
    return dx.reshape(x.shape), dweight, dbias


def _center_channels(name, x, running_mean, running_var, eps):
    """x less its mean as an array N C L of our own, and 1 / sqrt(var + eps) of each channel."""
    if (running_mean is None) != (running_var is None):
        raise ValueError(f"{name}: running_mean and running_var must be given together")
    count = x.size // x.shape[1]
    if running_mean is None and count == 1:
        raise ValueError(f"{name}: needs more than one number per channel, or running statistics; got x of shape {x.shape}")
    x = x.reshape(*x.shape[:2], -1)
    if running_mean is not None:
        return x - running_mean.astype(x.dtype)[:, None], _rstd(name, running_var.astype(x.dtype), eps)
    centered = x - (np.einsum("ncl->c", x) / count)[:, None]
    return centered, _rstd(name, np.einsum("ncl,ncl->c", centered, centered) / count, eps)


def _center_rows(name, x, eps):
    """x less its mean as rows of our own, and 1 / sqrt(var + eps) of each row."""
    x = x.reshape(-1, x.shape[-1])
    centered = x - (np.einsum("nc->n", x) / x.shape[1])[:, None]
    return centered, _rstd(name, np.vecdot(centered, centered) / x.shape[1], eps)


def _rstd(name, var, eps):
    if var.min() < 0:
        raise ValueError(f"{name}: running_var must be at least 0, got {var.min()}")
    if eps == 0 and var.min() == 0:
        raise ValueError(f"{name}: eps must be above 0 where all numbers are the same")
    return 1 / np.sqrt(var + eps)
