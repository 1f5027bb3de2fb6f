import numpy as np

from cases import BadCall, Case, draw, extreme
from dlblocks.attention import scaled_dot_product_attention as attention
from dlblocks.attention import scaled_dot_product_attention_backward as attention_backward
from dlblocks.checks import ShapeError


def torch_attention(query, key, value, mask=None, is_causal=False, scale=None):
    import torch
    mask = None if mask is None else torch.as_tensor(mask)
    if mask is not None and is_causal:  # which PyTorch does not take together
        causal = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).tril()
        mask, is_causal = mask & causal if mask.dtype == torch.bool else mask.masked_fill(~causal, -torch.inf), False
    return torch.nn.functional.scaled_dot_product_attention(query, key, value, mask, is_causal=is_causal, scale=scale)


def inputs(*lead, L=4, S=5, E=3, V=2, make=draw):
    return make(*lead, L, E, seed=1), make(*lead, S, E, seed=2), make(*lead, S, V, seed=3)


def booleans(*shape):
    return np.random.default_rng(0).random(shape) < 0.6


def nothing_for(row, mask):
    mask[..., row, :] = False
    return mask


CASES = [
    Case(f"attention {name}", attention, attention_backward, arrays, torch_attention, options, smooth="large" not in name)
    for name, (arrays, options) in {
        "heads": (inputs(2, 3), {}),
        "batch": (inputs(2), {}),
        "no leading axis": (inputs(), {}),
        "size-1 axes": (inputs(1, L=1, S=1, E=1, V=1), {}),
        "scale": (inputs(2), {"scale": 0.3}),
        "negative scale": (inputs(2), {"scale": -1}),
        "large": (inputs(2, make=extreme), {}),
        "large, causal": (inputs(2, make=extreme), {"is_causal": True}),
        "causal": (inputs(2, 3, L=4, S=4), {"is_causal": True}),
        "causal, more keys": (inputs(2, L=3, S=5), {"is_causal": True}),
        "causal, more queries": (inputs(2, L=5, S=3), {"is_causal": True}),
        "mask": (inputs(2, 3), {"mask": booleans(4, 5)}),
        "mask per batch": (inputs(2, 3), {"mask": booleans(2, 1, 4, 5)}),
        "mask per key": (inputs(2, 3), {"mask": np.array([True, True, False, True, False]).reshape(1, 5)}),
        "full mask": (inputs(2, 3), {"mask": booleans(2, 3, 4, 5)}),
        "mask of floats": (inputs(2, 3), {"mask": draw(4, 5)}),
        "mask of floats and -inf": (inputs(2, 3), {"mask": np.where(booleans(3, 4, 5), draw(3, 4, 5), -np.inf)}),
        "mask, causal": (inputs(2, L=4, S=4), {"mask": booleans(4, 4), "is_causal": True}),
        "mask of floats, causal": (inputs(2, L=4, S=4), {"mask": draw(4, 4), "is_causal": True}),
        "nothing to attend to": (inputs(2, 3), {"mask": nothing_for(1, booleans(4, 5))}),
        "nothing to attend to, large": (inputs(2, 3, make=extreme), {"mask": nothing_for(2, booleans(4, 5))}),
        "nothing to attend to, -inf": (inputs(2), {"mask": np.where(nothing_for(0, booleans(4, 5)), 0.0, -np.inf)}),
    }.items()
]

Q, K, V = [[1.0, 2.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[1.0], [2.0], [3.0]]

BAD_CALLS = [
    BadCall(lambda: attention([[1]], K, V), ShapeError, r"attention: key axis 1 \(E\) is 2, but query axis 1 \(E\) is 1"),
    BadCall(lambda: attention(Q, K, V[:2]), ShapeError, r"attention: value axis 0 \(S\) is 2, but key axis 0 \(S\) is 3"),
    BadCall(lambda: attention([Q, Q], [K], [V]), ShapeError, r"attention: key axis \.\.\. .* is \(1,\), but query axis .* is \(2,\)"),
    BadCall(lambda: attention([1, 2], K, V), ShapeError, r"attention: query has 1 axes, expected at least 2 axes \(\.\.\. L E\)"),
    BadCall(lambda: attention(np.zeros((0, 2)), K, V), ShapeError, r"attention: query has an axis of length 0"),
    BadCall(lambda: attention(Q, K, V, mask=[[1, 0, 1]]), TypeError, r"attention: mask must hold True and False, .* got an array of int64"),
    BadCall(lambda: attention(Q, K, V, mask=[[True, False]]), ShapeError, r"attention: mask is \(1, 2\), which .* L S, here \(1, 3\)"),
    BadCall(lambda: attention(Q, K, V, mask=[True, False, True]), ShapeError, r"attention: mask is \(3,\), which does not broadcast"),
    BadCall(lambda: attention(Q, K, V, mask=[[[True, False, True]]]), ShapeError, r"attention: mask is \(1, 1, 3\), which does not"),
    BadCall(lambda: attention(Q, K, V, mask=np.ones((2, 3), bool)), ShapeError, r"attention: mask is \(2, 3\), which does not broadcast"),
    BadCall(lambda: attention(Q, K, V, None, 0.1), TypeError, r"attention: is_causal must be True or False, got 0\.1"),
    BadCall(lambda: attention(Q, K, V, scale=True), TypeError, r"attention: scale must be a number, got True"),
    BadCall(lambda: attention(Q, K, V, scale=float("nan")), ValueError, r"attention: scale must be finite, got nan"),
    BadCall(lambda: attention_backward([[1, 2]], Q, K, V), ShapeError, r"attention_backward: dy axis 1 \(V\) is 2, but value axis 1"),
    BadCall(lambda: attention_backward([[1]], Q, K, V, mask="all"), TypeError, r"attention_backward: mask must hold True and False"),
]
