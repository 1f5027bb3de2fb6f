"""Losses of class scores. The classes lie along axis 1 (the only axis of a single vector); every other position has its own target."""

import numpy as np

from dlblocks.checks import as_floats, as_ids, check_choice, check_option, check_shapes
from dlblocks.softmax import log_softmax, softmax

REDUCTIONS = "mean", "sum", "none"


def nll_loss(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """Negative log-likelihood: minus the log-probability of the right class t, ``-weight[t] * x[n, t]`` with ``t = target[n]``.

    The mean divides by the sum of the weights ``weight[t]``; positions whose target is ``ignore_index`` do not count.
    Shapes: x: N C ... or C, target: class ids N ... or one id, weight: C | None; returns a number, or N ... for reduction "none".
    Raises ShapeError if the shapes do not fit, IndexError for an id outside 0 .. C - 1, TypeError for ids that are not integers,
    ValueError for a reduction other than "mean", "sum" and "none", and for a mean over nothing. Source: Bridle (1990).

    >>> float(nll_loss([[-1, -2, -3], [-4, -5, -6]], [2, 0]))  # (3 + 4) / 2
    3.5
    >>> float(nll_loss([[-1, -2, -3], [-4, -5, -6]], [2, 0], weight=[3, 1, 1]))  # (1 * 3 + 3 * 4) / (1 + 3)
    3.75
    """
    log_p, right, costs, count, shape, _ = _read("nll_loss", x, target, weight, ignore_index, reduction)
    return reduce_loss(_cost(log_p, right, costs).reshape(shape), count, reduction)


def nll_loss_backward(dy, x, target, weight=None, ignore_index=-100, reduction="mean"):
    """Gradient of `nll_loss`: ``dx[n, t] = -dy * weight[t]``, for the mean divided by the sum of the weights; 0 for the other classes.

    Shapes: dy: a number, or N ... for reduction "none"; the others as in `nll_loss`; returns dx of the shape of x.
    Raises what `nll_loss` raises. Source: the chain rule.

    >>> nll_loss_backward(1, [[-1, -2, -3], [-4, -5, -6]], [2, 0])
    array([[ 0. ,  0. , -0.5],
           [-0.5,  0. ,  0. ]])
    """
    log_p, right, costs, _, _, dy = _read("nll_loss_backward", x, target, weight, ignore_index, reduction, dy)
    dx = np.zeros_like(log_p)
    dx[right] -= costs * dy
    return dx.reshape(np.shape(x))


def cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Softmax, logarithm and likelihood in one: ``-weight[t] * log(softmax(x[n])[t])`` with ``t = target[n]``.

    Targets that are floats are the probabilities q of all classes: ``-sum over c of weight[c] * q[n, c] * log(softmax(x[n])[c])``, and the
    mean divides by the number of positions. ``label_smoothing`` s moves targets towards indifference: q becomes ``(1 - s) * q + s / C``.
    Shapes: x: N C ... or C, target: class ids N ... or one id, or probabilities of the shape of x, weight: C | None; returns a number,
    or N ... for reduction "none". Raises what `nll_loss` raises, and ValueError for a label_smoothing outside 0..1.
    Source: Bridle (1990); label smoothing: Szegedy et al. (2016), section 7.

    >>> float(cross_entropy(np.log([[1, 2, 5], [1, 2, 1]]), [2, 1]).round(4))  # (log(8/5) + log(4/2)) / 2
    0.5816
    """
    scores, right, costs, count, shape, _ = _read("cross_entropy", x, target, weight, ignore_index, reduction, smoothing=label_smoothing)
    log_p = scores - scores.max(axis=1, keepdims=True)
    loss = _cost(log_p, right, costs)  # log_p still lacks the logarithm of the sum, which every class has in common
    loss += np.log(np.exp(log_p, out=log_p).sum(axis=1)) * costs.sum(axis=1)
    return reduce_loss(loss.reshape(shape), count, reduction)


def cross_entropy_backward(dy, x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Gradient of `cross_entropy`: ``dx[n] = dy * weight[t] * (softmax(x[n]) - onehot(t))``, divided as the mean is.

    With probabilities or smoothing, of costs ``k[n, c] = weight[c] * q[n, c]``, ``dx[n] = dy * (sum(k[n]) * softmax(x[n]) - k[n])``.
    Shapes: dy: a number, or N ... for reduction "none"; the others as in `cross_entropy`; returns dx of the shape of x.
    Raises what `cross_entropy` raises. Source: Bridle (1990).

    >>> cross_entropy_backward(1, np.log([[1, 2, 5], [1, 2, 1]]), [2, 1])  # half of 1/8 2/8 5/8 - 0 0 1, and of 1/4 2/4 1/4 - 0 1 0
    array([[ 0.0625,  0.125 , -0.1875],
           [ 0.125 , -0.25  ,  0.125 ]])
    """
    scores, right, costs, _, _, dy = _read("cross_entropy_backward", x, target, weight, ignore_index, reduction, dy, label_smoothing)
    dx, costs = softmax(scores, axis=1), costs * dy
    dx *= costs.sum(axis=1, keepdims=True)
    dx[right] -= costs
    return dx.reshape(np.shape(x))


def reduce_loss(loss, count, reduction):
    """The losses one by one, or their sum, or their sum over ``count``."""
    return loss if reduction == "none" else loss.sum() if reduction == "sum" else loss.sum() / count


def _read(name, x, target, weight, ignore_index, reduction, dy=0, smoothing=None):
    """Check the arguments; ``smoothing`` is None where targets must be ids.

    Returns x as N C L; the index of the entries that cost, and their costs: N 1 L (ids) or N C L (shares of all classes);
    what a mean divides by; the shape of the single losses; their dy as N 1 L or one number.
    """
    check_choice("reduction", reduction, REDUCTIONS)
    N, rest = ("", "") if as_floats("x", x).ndim == 1 else ("N ", " ...")
    soft = smoothing is not None and as_floats("target", target).dtype == np.asarray(target).dtype  # integers would become floats
    smoothing = check_option("label_smoothing", smoothing or 0.0, low=0, high=1)
    C, each = "C" if soft else "", N + rest if reduction == "none" and name.endswith("backward") else ""
    x, _, weight, dy = check_shapes(f"x: {N}C{rest}, target: {N}{C}{rest}, weight: C | None, dy: {each}",
                                    x=x, target=target, weight=weight, dy=dy)
    shape, x = (x.shape[:1] + x.shape[2:], x.reshape(*x.shape[:2], -1)) if N else ((), x.reshape(1, -1, 1))
    weight = (np.ones(x.shape[1]) if weight is None else weight).astype(x.dtype)
    if soft:
        kept, shares, count = True, np.reshape(target, x.shape).astype(x.dtype), x.size // len(weight)
    else:
        ids = np.reshape(target, (len(x), 1, -1))
        kept = ids != check_option("ignore_index", ignore_index, integer=True)
        ids = as_ids("target", np.where(kept, ids, 0), len(weight))
        right, costs = (np.arange(len(x))[:, None, None], ids, np.arange(x.shape[2])), weight[ids] * kept
        shares, count = (ids == np.arange(len(weight))[:, None]).astype(x.dtype) if smoothing else None, costs.sum()
    if shares is not None:
        right, costs = ..., ((1 - smoothing) * shares + smoothing / len(weight)) * weight[:, None] * kept
    if reduction == "mean" and count == 0:
        raise ValueError(f"{name}: no target counts (each is ignore_index or has weight 0), so there is no mean")
    dy = dy.astype(x.dtype) / count if reduction == "mean" else dy.astype(x.dtype)
    return x, right, costs, count, shape, dy.reshape(len(x), 1, -1) if dy.ndim else dy


def _cost(log_p, right, costs):
    """Minus the entries that cost, times their costs; 0 where that is 0, even if the entry is -inf."""
    return (np.where(costs == 0, 0, -log_p[right]) * costs).sum(axis=1)
