import numpy as np

from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.normalization import batch_norm, batch_norm_backward, layer_norm, layer_norm_backward


def torch_batch_norm(x, weight, bias, running_mean=None, running_var=None, eps=1e-5):
    import torch
    running = [None if array is None else torch.as_tensor(array) for array in (running_mean, running_var)]
    return torch.nn.functional.batch_norm(x, *running, weight, bias, training=running_mean is None, eps=eps or 1e-300)  # it refuses 0


def torch_layer_norm(x, weight, bias, eps=1e-5):
    import torch
    return torch.nn.functional.layer_norm(x, weight.shape, weight, bias, eps)


def channels(*shape, make=draw):
    return make(*shape), draw(shape[1], seed=1), draw(shape[1], seed=2)


def rows(*shape, make=draw):
    return make(*shape), draw(shape[-1], seed=1), draw(shape[-1], seed=2)


def running(C):
    return {"running_mean": draw(C, seed=3), "running_var": np.abs(draw(C, seed=4)) + 0.1}


def constant(*shape):
    x = draw(*shape)
    x[:, 1] = 3.7
    return x


CASES = [
    Case(f"{f.__name__} {name}", f, f_backward, inputs, reference, options, smooth=not {"large", "constant"} & set(name.split()))
    for f, f_backward, reference, table in [
        (batch_norm, batch_norm_backward, torch_batch_norm, {
            "rows": (channels(6, 3), {}),
            "sequences": (channels(4, 3, 5), {}),
            "images": (channels(4, 3, 5, 2), {}),
            "two rows": (channels(2, 4), {}),
            "one image": (channels(1, 3, 2, 2), {}),
            "one channel": (channels(5, 1), {}),
            "eps": (channels(6, 3), {"eps": 0.1}),
            "eps 0": (channels(6, 3), {"eps": 0}),
            "running": (channels(6, 3), running(3)),
            "running of images": (channels(4, 3, 5, 2), {**running(3), "eps": 0.01}),
            "running of one row": (channels(1, 3), running(3)),
            "constant channel": (channels(6, 3, make=constant), {}),
            "large": (channels(6, 3, make=extreme), {}),
            "large mean": (channels(6, 3, make=lambda *shape: 1e4 + draw(*shape)), {}),
        }),
        (layer_norm, layer_norm_backward, torch_layer_norm, {
            "rows": (rows(4, 6), {}),
            "one vector": (rows(6), {}),
            "three leading axes": (rows(2, 3, 2, 5), {}),
            "size-1 axes": (rows(1, 1), {}),
            "two numbers": (rows(3, 2), {}),
            "eps": (rows(4, 6), {"eps": 0.1}),
            "eps 0": (rows(4, 6), {"eps": 0}),
            "constant rows": (rows(3, 4, make=lambda *shape: np.full(shape, 3.5)), {}),
            "large": (rows(4, 6, make=extreme), {}),
        }),
    ]
    for name, (inputs, options) in table.items()
]

X, W, B = [[1, 2], [3, 5]], [1, 1], [0, 0]

BAD_CALLS = [
    BadCall(lambda: batch_norm(X, [1], B), ShapeError, r"batch_norm: weight axis 0 \(C\) is 1, but x axis 1 \(C\) is 2"),
    BadCall(lambda: batch_norm(X, W, [[0, 0]]), ShapeError, r"batch_norm: bias has 2 axes, expected 1 axes \(C\)"),
    BadCall(lambda: batch_norm([1, 2], W, B), ShapeError, r"batch_norm: x has 1 axes, expected at least 2 axes \(N C \.\.\.\)"),
    BadCall(lambda: batch_norm(X[:1], W, B), ValueError, r"batch_norm: needs more than one number per channel, .* got x of shape \(1, 2\)"),
    BadCall(lambda: batch_norm([[[1]]], [1], [0]), ValueError, r"batch_norm: needs more than one number per channel"),
    BadCall(lambda: batch_norm(X, W, B, running_mean=[0, 0]), ValueError, r"batch_norm: running_mean and running_var must be given"),
    BadCall(lambda: batch_norm(X, W, B, [0, 0], [1, -1]), ValueError, r"batch_norm: running_var must be at least 0, got -1"),
    BadCall(lambda: batch_norm(X, W, B, [0, 0], [1]), ShapeError, r"batch_norm: running_var axis 0 \(C\) is 1, but x axis 1 \(C\) is 2"),
    BadCall(lambda: batch_norm(X, W, B, eps=-1), ValueError, r"batch_norm: eps must be at least 0, got -1"),
    BadCall(lambda: batch_norm(X, W, B, eps="small"), TypeError, r"batch_norm: eps must be a number, got 'small'"),
    BadCall(lambda: batch_norm([[1, 2], [1, 3]], W, B, eps=0), ValueError, r"batch_norm: eps must be above 0 where"),
    BadCall(lambda: batch_norm_backward([[1, 1]], X, W, B), ShapeError, r"batch_norm_backward: dy axis 0 \(N\) is 1, but x axis 0"),
    BadCall(lambda: batch_norm_backward(X[:1], X[:1], W, B), ValueError, r"batch_norm_backward: needs more than one number per channel"),
    BadCall(lambda: layer_norm(X, [1], B), ShapeError, r"layer_norm: weight axis 0 \(C\) is 1, but x axis 1 \(C\) is 2"),
    BadCall(lambda: layer_norm(3, [1], [1]), ShapeError, r"layer_norm: x has 0 axes, expected at least 1 axes"),
    BadCall(lambda: layer_norm(X, W, B, eps=None), TypeError, r"layer_norm: eps must be a number, got None"),
    BadCall(lambda: layer_norm([[2, 2]], W, B, eps=0), ValueError, r"layer_norm: eps must be above 0 where"),
    BadCall(lambda: layer_norm_backward([1, 1], X, W, B), ShapeError, r"layer_norm_backward: dy axis \.\.\. .* is \(\), but x axis"),
]
