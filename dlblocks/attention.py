"""Scaled dot-product attention."""

import numpy as np

from dlblocks.checks import ShapeError, as_array, check_option, check_shapes


def scaled_dot_product_attention(query, key, value, mask=None, is_causal=False, scale=None):
    """Give each query a mean of the values, weighted by how well it matches their keys: ``softmax(query @ key.T * scale) @ value``.

    ``scale`` is 1 / sqrt(E) by default. ``is_causal`` lets query i attend to the keys 0 .. i only. A boolean mask says True where a query
    may attend, a mask of floats is added to the scores; a query that may attend to nothing gives zeros.
    Shapes: query: ... L E, key: ... S E, value: ... S V, mask: L S, or with more axes and sizes of 1, what broadcasts to ... L S;
    returns ... L V.
    Raises ShapeError if the shapes do not fit, TypeError for a mask of another kind or a scale that is not a number.
    Source: Vaswani et al. (2017), equation 1.

    The scores log 3 and log 1 give the weights 3/4 and 1/4:

    >>> scaled_dot_product_attention([[1]], [[np.log(3)], [0]], [[8, 0], [0, 4]])
    array([[6., 1.]])
    >>> scaled_dot_product_attention([[1]], [[np.log(3)], [0]], [[8, 0], [0, 4]], mask=[[False, True]])
    array([[0., 4.]])
    """
    query, key, value = check_shapes("query: ... L E, key: ... S E, value: ... S V", query=query, key=key, value=value)
    scale = query.shape[-1]**-0.5 if scale is None else check_option("scale", scale)
    weights, total = _exponentials(query, key, _as_mask("scaled_dot_product_attention", mask, is_causal, query, key), scale)
    y = weights @ value
    y /= total
    return y


def scaled_dot_product_attention_backward(dy, query, key, value, mask=None, is_causal=False, scale=None):
    """Gradients of `scaled_dot_product_attention`, with the weights ``p = softmax(query @ key.T * scale)`` and their ``dp = dy @ value.T``.

    The scores get ``ds = p * (dp - sum(p * dp)) * scale``; ``dquery = ds @ key``, ``dkey = ds.T @ query``, ``dvalue = p.T @ dy``.
    Shapes: dy: ... L V, query: ... L E, key: ... S E, value: ... S V, mask: as in the forward; returns (dquery, dkey, dvalue).
    Raises what `scaled_dot_product_attention` raises.
    Source: the chain rule; Dao et al. (2022), *FlashAttention*, appendix B.2.

    >>> dquery, dkey, dvalue = scaled_dot_product_attention_backward([[1, 1]], [[1]], [[np.log(3)], [0]], [[8, 0], [0, 4]])
    >>> dvalue  # the weights
    array([[0.75, 0.75],
           [0.25, 0.25]])
    >>> dkey.round(4)  # dp is 8 and 4, their mean 7; 3/4 * (8 - 7) and 1/4 * (4 - 7)
    array([[ 0.75],
           [-0.75]])
    """
    query, key, value, dy = check_shapes("query: ... L E, key: ... S E, value: ... S V, dy: ... L V",
                                         query=query, key=key, value=value, dy=dy)
    scale = query.shape[-1]**-0.5 if scale is None else check_option("scale", scale)
    weights, total = _exponentials(query, key, _as_mask("scaled_dot_product_attention_backward", mask, is_causal, query, key), scale)
    weights /= total
    dscores = dy @ value.swapaxes(-1, -2)
    dscores -= np.einsum("...s,...s->...", weights, dscores)[..., None]
    dscores *= weights
    return (dscores @ key) * scale, dscores.swapaxes(-1, -2) @ (query * scale), weights.swapaxes(-1, -2) @ dy


def _exponentials(query, key, mask, scale):
    """The softmax before its division: exp(scores - the largest of the row), and the sums of the rows."""
    scores = (query * scale) @ key.swapaxes(-1, -2)
    if mask is None:
        scores -= scores.max(axis=-1, keepdims=True)
    else:
        if mask.dtype == bool:
            np.copyto(scores, -np.inf, where=~mask)
        else:
            scores += mask
        top = scores.max(axis=-1, keepdims=True)
        scores -= np.where(top == -np.inf, 0, top)  # a row without a single key stays at -inf
    np.exp(scores, out=scores)
    total = np.einsum("...s->...", scores)[..., None]
    return scores, total if mask is None else np.where(total == 0, 1, total)


def _as_mask(name, mask, is_causal, query, key):
    """``mask`` and ``is_causal`` as one array of booleans or floats, or None."""
    if not isinstance(is_causal, (bool, np.bool_)):
        raise TypeError(f"{name}: is_causal must be True or False, got {is_causal!r}")
    wanted = *query.shape[:-1], key.shape[-2]
    causal = np.tri(*wanted[-2:], dtype=bool) if is_causal else None
    if mask is None:
        return causal
    mask = as_array("mask", mask)
    if mask.dtype.kind not in "bf":
        raise TypeError(f"{name}: mask must hold True and False, or floats to add to the scores; got an array of {mask.dtype}")
    fits = [size in (1, axis) for size, axis in zip(mask.shape[::-1], wanted[::-1])]
    if not 2 <= mask.ndim <= len(wanted) or not all(fits):
        raise ShapeError(f"{name}: mask is {mask.shape}, which does not broadcast to ... L S, here {wanted}")
    if causal is None:
        return mask
    return mask & causal if mask.dtype == bool else np.where(causal, mask, -np.inf)
