import numpy as np

from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward


def torch_max_pool2d(x, kernel_size, stride=None, padding=0):
    import torch
    return torch.nn.functional.max_pool2d(x, kernel_size, stride, padding)


def torch_avg_pool2d(x, kernel_size, stride=None, padding=0, count_include_pad=True):
    import torch
    return torch.nn.functional.avg_pool2d(x, kernel_size, stride, padding, False, count_include_pad)


IMAGE = [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]
TIED = np.random.default_rng(3).integers(0, 3, (2, 3, 7, 8)).astype(float)
CALLS = {
    "2 x 2": (draw(2, 3, 4, 6), {"kernel_size": 2}),
    "odd sizes": (draw(2, 3, 5, 7), {"kernel_size": 2}),
    "overlap": (draw(2, 2, 7, 8), {"kernel_size": 3, "stride": 2}),
    "stride 1": (draw(2, 2, 5, 6), {"kernel_size": (3, 2), "stride": 1}),
    "gaps": (draw(2, 2, 7, 8), {"kernel_size": 2, "stride": (3, 4)}),
    "padding": (draw(2, 2, 5, 6), {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1}),
    "padding of the width": (draw(2, 2, 3, 6), {"kernel_size": (3, 4), "stride": 2, "padding": (0, 2)}),
    "negative numbers in padding": (-1 - np.abs(draw(1, 2, 4, 4)), {"kernel_size": 3, "padding": 1}),
    "global": (draw(2, 3, 4, 5), {"kernel_size": (4, 5)}),
    "window of one": (draw(2, 3, 4, 5), {"kernel_size": 1}),
    "size-1 axes": (draw(1, 1, 1, 1), {"kernel_size": 1}),
    "ties": (TIED, {"kernel_size": 3, "stride": 2, "padding": 1}),
    "ties without overlap": (TIED, {"kernel_size": (2, 4)}),
    "constant": (np.ones((1, 2, 5, 6)), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "large": (extreme(2, 2, 4, 5), {"kernel_size": 2, "stride": 1}),
}

CASES = [
    Case(f"max_pool2d {name}", max_pool2d, max_pool2d_backward, (x,), torch_max_pool2d, options, smooth=np.unique(x).size == x.size)
    for name, (x, options) in CALLS.items()
] + [
    Case(f"avg_pool2d {name}", avg_pool2d, avg_pool2d_backward, (x,), torch_avg_pool2d, options, smooth=name != "large")
    for name, (x, options) in CALLS.items()
] + [
    Case(f"avg_pool2d {name}, padding not counted", avg_pool2d, avg_pool2d_backward, (x,), torch_avg_pool2d,
         options | {"count_include_pad": False})
    for name, (x, options) in CALLS.items() if "padding" in options
] + [
    Case("max_pool2d no ties", max_pool2d, max_pool2d_backward, (np.random.default_rng(4).standard_normal((2, 3, 7, 8)),), torch_max_pool2d,
         {"kernel_size": 3, "stride": 2, "padding": 1}),
]

BAD_CALLS = [
    bad for f, name in ((max_pool2d, "max_pool2d"), (avg_pool2d, "avg_pool2d")) for bad in (
        BadCall(lambda f=f: f(IMAGE[0], 2), ShapeError, rf"{name}: x has 3 axes, expected 4 axes \(N C H W\)"),
        BadCall(lambda f=f: f(IMAGE, 4), ShapeError,
                rf"{name}: a window of 4 x 4 does not fit into x \(1, 1, 3, 3\) with padding \(0, 0\)"),
        BadCall(lambda f=f: f(IMAGE, 0), ValueError, rf"{name}: kernel_size must be at least 1, got 0"),
        BadCall(lambda f=f: f(IMAGE, 2.0), TypeError, rf"{name}: kernel_size must be an integer, got 2.0"),
        BadCall(lambda f=f: f(IMAGE, (1, 2, 3)), ValueError, rf"{name}: kernel_size must be one integer or a pair"),
        BadCall(lambda f=f: f(IMAGE, 2, stride=0), ValueError, rf"{name}: stride must be at least 1, got 0"),
        BadCall(lambda f=f: f(IMAGE, 2, stride="2"), TypeError, rf"{name}: stride must be an integer, got '2'"),
        BadCall(lambda f=f: f(IMAGE, 2, padding=-1), ValueError, rf"{name}: padding must be at least 0, got -1"),
        BadCall(lambda f=f: f(IMAGE, (3, 2), padding=(1, 2)), ValueError,
                rf"{name}: padding must be at most half of kernel_size \(3, 2\), got \(1, 2\)"),
    )
] + [
    BadCall(lambda: avg_pool2d(IMAGE, 2, count_include_pad=1), TypeError, r"avg_pool2d: count_include_pad must be True or False, got 1"),
    BadCall(lambda: max_pool2d_backward(IMAGE, IMAGE, 2), ShapeError,
            r"max_pool2d_backward: dy is \(1, 1, 3, 3\), but the output is \(1, 1, 1, 1\)"),
    BadCall(lambda: avg_pool2d_backward(IMAGE, IMAGE, 2), ShapeError,
            r"avg_pool2d_backward: dy is \(1, 1, 3, 3\), but the output is \(1, 1, 1, 1\)"),
    BadCall(lambda: max_pool2d_backward([[[[1]], [[1]]]], IMAGE, 2), ShapeError,
            r"max_pool2d_backward: dy axis 1 \(C\) is 2, but x axis 1 \(C\) is 1"),
    BadCall(lambda: avg_pool2d_backward([[[[1]]]], IMAGE, 4), ShapeError, r"avg_pool2d_backward: a window of 4 x 4 does not fit"),
    BadCall(lambda: avg_pool2d_backward([[[[1]]]], IMAGE, 3, count_include_pad=None), TypeError,
            r"avg_pool2d_backward: count_include_pad must be"),
]
