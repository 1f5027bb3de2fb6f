"""A penalty that makes the code of an autoencoder sparse by giving each unit a target for its mean."""

import numpy as np

from dlblocks.checks import check_option, check_shapes


def kl_sparsity(h, rho=0.05):
    """Measure how far each unit's mean over the batch lies from the target rho: a Kullback-Leibler divergence, added up over the units.

    ``y = sum over j of rho * log(rho / m[j]) + (1 - rho) * log((1 - rho) / (1 - m[j]))``, with ``m[j]`` the mean of ``h[:, j]``.
    Shapes: h: N H; returns a number, 0 where every mean is rho.
    Raises ShapeError if h has not two axes, ValueError for rho outside 0 < rho < 1, for h outside 0..1, and for a mean of exactly
    0 or 1, where the divergence is infinite.
    Source: Kullback and Leibler (1951), between two coins that show heads with the chances rho and m[j].

    >>> float(kl_sparsity([[0.25, 0.1], [0.75, 0.025]], rho=0.25).round(4))
    0.31
    """
    m, rho = _means("kl_sparsity", check_shapes("h: N H", h=h), check_option("rho", rho, low=0, below=1))
    return (rho * np.log(rho / m) + (1 - rho) * np.log((1 - rho) / (1 - m))).sum()


def kl_sparsity_backward(dy, h, rho=0.05):
    """Gradient of `kl_sparsity`: ``dh[n, j] = dy / N * ((1 - rho) / (1 - m[j]) - rho / m[j])``, the same in every row.

    Shapes: dy: a number, h: N H; returns dh of the shape of h.
    Raises what `kl_sparsity` raises, and ShapeError if dy is not one number. Source: the chain rule.

    >>> kl_sparsity_backward(1, [[0.25, 0.1], [0.75, 0.025]], rho=0.25).round(4)
    array([[ 0.5, -1.6],
           [ 0.5, -1.6]])
    """
    h, dy = check_shapes("h: N H, dy:", h=h, dy=dy)
    m, rho = _means("kl_sparsity_backward", h, check_option("rho", rho, low=0, below=1))
    slope = (1 - rho) / (1 - m) - rho / m
    return np.tile(slope * (dy.astype(h.dtype) / len(h)), (len(h), 1))


def _means(name, h, rho):
    """The mean of each unit, and rho, once both lie where the logarithms are finite."""
    if rho == 0:
        raise ValueError(f"{name}: rho must be above 0, got {rho}")
    if not (h.min() >= 0 and h.max() <= 1):
        raise ValueError(f"{name}: h must lie in 0..1, like the output of a sigmoid; got numbers in {h.min()}..{h.max()}")
    m = h.mean(axis=0)
    stuck = np.flatnonzero((m <= 0) | (m >= 1))
    if len(stuck):
        raise ValueError(f"{name}: h has a mean of {m[stuck[0]]} in unit {stuck[0]}, where the divergence is infinite")
    return m, rho
