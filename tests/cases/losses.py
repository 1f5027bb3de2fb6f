import numpy as np

from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.losses import (binary_cross_entropy, binary_cross_entropy_backward, binary_cross_entropy_with_logits,
                             binary_cross_entropy_with_logits_backward, cross_entropy, cross_entropy_backward, mse_loss, mse_loss_backward,
                             nll_loss, nll_loss_backward)


def in_torch(name):
    """PyTorch's loss of that name; targets and weights that stand among the options become tensors."""
    def reference(*inputs, **options):
        import torch
        options = {key: torch.as_tensor(value) if isinstance(value, np.ndarray) else value for key, value in options.items()}
        return getattr(torch.nn.functional, name)(*inputs, **options)
    return reference


def ids(*shape, size, seed=0):
    return np.random.default_rng([seed, *shape]).integers(size, size=shape)


def shares(*shape, axis=1):
    x = np.abs(draw(*shape, seed=3)) + 0.1
    return x / x.sum(axis=axis, keepdims=True)


def probabilities(*shape):
    return np.random.default_rng(0).uniform(0.05, 0.95, shape)


def some_ignored(targets):
    targets[::2] = -100
    return targets


def each_reduction(table):
    return {f"{name}, {reduction}": (inputs, {**options, "reduction": reduction})
            for name, (inputs, options) in table.items() for reduction in ("mean", "sum", "none")}


def cases_of(f, f_backward, table):
    return [Case(f"{f.__name__} {name}", f, f_backward, inputs, in_torch(f.__name__), options,
                 smooth="large" not in name and "edges" not in name) for name, (inputs, options) in table.items()]


CLASS_IDS = {
    "rows": ((draw(6, 4), ids(6, size=4)), {}),
    "one vector": ((draw(4), np.array(2)), {}),
    "images": ((draw(2, 3, 2, 4), ids(2, 2, 4, size=3)), {}),
    "sequence": ((draw(2, 3, 5), ids(2, 5, size=3)), {}),
    "weights": ((draw(6, 4), ids(6, size=4)), {"weight": np.array([1.0, 0.5, 2.0, 3.0])}),
    "some ignored": ((draw(2, 3, 5), some_ignored(ids(2, 5, size=3))), {"weight": np.array([1.0, 0.5, 2.0])}),
    "ignored id 1": ((draw(6, 3), np.array([0, 1, 2, 2, 1, 0])), {"ignore_index": 1}),
    "small integers": ((draw(6, 3), ids(6, size=3).astype(np.uint8)), {}),
    "one class": ((draw(3, 1), ids(3, size=1)), {}),
    "large": ((extreme(6, 4), ids(6, size=4)), {}),
}
CLASS_IDS["small integers"][0][1].setflags(write=False)

MIXED = {
    "smoothing": ((draw(6, 4), ids(6, size=4)), {"label_smoothing": 0.1}),
    "smoothing, weights, some ignored": ((draw(4, 3, 2), some_ignored(ids(4, 2, size=3))),
                                         {"label_smoothing": 0.3, "weight": np.array([1.0, 0.5, 2.0])}),
    "full smoothing of one vector": ((draw(4), np.array(2)), {"label_smoothing": 1.0}),
    "shares": ((draw(6, 4),), {"target": shares(6, 4)}),
    "shares of one vector": ((draw(4),), {"target": shares(4, axis=0)}),
    "shares of images, weights, smoothing": ((draw(2, 3, 2, 4),), {"target": shares(2, 3, 2, 4), "weight": np.array([1.0, 0.5, 2.0]),
                                                                   "label_smoothing": 0.2}),
    "large shares": ((extreme(6, 4),), {"target": shares(6, 4)}),
}

NUMBERS = {
    "rows": ((draw(4, 3),), {"target": draw(4, 3, seed=1)}),
    "one number": ((draw(),), {"target": draw(seed=1)}),
    "images": ((draw(2, 3, 2, 2),), {"target": draw(2, 3, 2, 2, seed=1)}),
    "large": ((extreme(4, 3),), {"target": extreme(4, 3, seed=1)}),
}

YES_OR_NO = {
    "rows": ((probabilities(4, 3),), {"target": ids(4, 3, size=2).astype(float)}),
    "soft targets": ((probabilities(5),), {"target": probabilities(5)[::-1].copy()}),
    "weights": ((probabilities(4, 3),), {"target": ids(4, 3, size=2).astype(float), "weight": np.abs(draw(4, 3))}),
    "one number": ((np.array(0.3),), {"target": np.array(1.0)}),
    "edges": ((np.array([0.0, 0.0, 1.0, 1.0, 0.5]),), {"target": np.array([0.0, 1.0, 0.0, 1.0, 0.5])}),
}

LOGITS = {
    "rows": ((draw(4, 3),), {"target": ids(4, 3, size=2).astype(float)}),
    "soft targets, weights": ((draw(4, 3),), {"target": probabilities(4, 3), "weight": np.abs(draw(4, 3))}),
    "pos_weight": ((draw(4, 3),), {"target": probabilities(4, 3), "pos_weight": np.array([0.5, 1.0, 7.0])}),
    "one pos_weight": ((draw(5),), {"target": probabilities(5), "weight": np.abs(draw(5)), "pos_weight": np.array(3.0)}),
    "one number": ((np.array(0.3),), {"target": np.array(1.0)}),
    "large": ((extreme(4, 3),), {"target": ids(4, 3, size=2).astype(float)}),
    "large, pos_weight": ((extreme(4, 3),), {"target": ids(4, 3, size=2).astype(float), "pos_weight": np.array([0.5, 1.0, 7.0])}),
}

CASES = [
    *cases_of(nll_loss, nll_loss_backward, each_reduction(CLASS_IDS)),
    *cases_of(cross_entropy, cross_entropy_backward, each_reduction(CLASS_IDS | MIXED)),
    *cases_of(mse_loss, mse_loss_backward, each_reduction(NUMBERS)),
    *cases_of(binary_cross_entropy, binary_cross_entropy_backward, each_reduction(YES_OR_NO)),
    *cases_of(binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_backward, each_reduction(LOGITS)),
]

SCORES, RIGHT = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [0, 2]

BAD_CALLS = [
    BadCall(lambda: cross_entropy(SCORES, [0, 3]), IndexError, r"cross_entropy: target must lie in 0\.\.2, got 3"),
    BadCall(lambda: cross_entropy(SCORES, [0, -1]), IndexError, r"cross_entropy: target must lie in 0\.\.2, got -1"),
    BadCall(lambda: cross_entropy(SCORES, [0]), ShapeError, r"cross_entropy: target axis 0 \(N\) is 1, but x axis 0 \(N\) is 2"),
    BadCall(lambda: cross_entropy(SCORES, [[0], [1]]), ShapeError, r"cross_entropy: target axis \.\.\. .* is \(1,\), but x axis"),
    BadCall(lambda: cross_entropy(SCORES, [[0, 0, 1], [1, 0, 0]]), ShapeError, r"cross_entropy: target axis \.\.\."),
    BadCall(lambda: cross_entropy(SCORES, [0.0, 2.0]), ShapeError, r"cross_entropy: target has 1 axes, expected at least 2 axes"),
    BadCall(lambda: cross_entropy(SCORES, [True, False]), TypeError, r"cross_entropy: target must hold real numbers, got an array of bool"),
    BadCall(lambda: cross_entropy(SCORES, ["a", "b"]), TypeError, r"cross_entropy: target must hold real numbers"),
    BadCall(lambda: cross_entropy(SCORES, None), TypeError, r"cross_entropy: target must hold real numbers, got None"),
    BadCall(lambda: cross_entropy(SCORES, RIGHT, weight=[1, 2]), ShapeError, r"cross_entropy: weight axis 0 \(C\) is 2, but x axis 1"),
    BadCall(lambda: cross_entropy(SCORES, [-100, -100]), ValueError, r"cross_entropy: no target counts"),
    BadCall(lambda: cross_entropy(SCORES, [0, 0], weight=[0, 1, 1]), ValueError, r"cross_entropy: no target counts"),
    BadCall(lambda: cross_entropy(SCORES, RIGHT, reduction="avg"), ValueError, r"cross_entropy: reduction must be one of 'mean', 'sum'"),
    BadCall(lambda: cross_entropy(SCORES, RIGHT, label_smoothing=1.5), ValueError, r"cross_entropy: label_smoothing must be at least 0"),
    BadCall(lambda: cross_entropy(SCORES, RIGHT, label_smoothing=True), TypeError, r"cross_entropy: label_smoothing must be a number"),
    BadCall(lambda: cross_entropy(SCORES, RIGHT, ignore_index=None), TypeError, r"cross_entropy: ignore_index must be an integer"),
    BadCall(lambda: cross_entropy(3.0, 0), ShapeError, r"cross_entropy: x has 0 axes, expected at least 2 axes"),
    BadCall(lambda: cross_entropy_backward([1, 1], SCORES, RIGHT), ShapeError, r"cross_entropy_backward: dy has 1 axes, expected 0 axes"),
    BadCall(lambda: cross_entropy_backward(1, SCORES, RIGHT, reduction="none"), ShapeError, r"cross_entropy_backward: dy has 0 axes"),
    BadCall(lambda: nll_loss(SCORES, [0.0, 2.0]), TypeError, r"nll_loss: target must hold integers, got an array of float64"),
    BadCall(lambda: nll_loss(SCORES, [0, 3]), IndexError, r"nll_loss: target must lie in 0\.\.2, got 3"),
    BadCall(lambda: nll_loss_backward(1, SCORES, [-100, -100]), ValueError, r"nll_loss_backward: no target counts"),
    BadCall(lambda: mse_loss([1, 2], [[1], [2]]), ShapeError, r"mse_loss: target axis \.\.\. \(\.\.\.\) is \(2, 1\), but x axis"),
    BadCall(lambda: mse_loss([1, 2], [1, 2], reduction=None), ValueError, r"mse_loss: reduction must be one of"),
    BadCall(lambda: mse_loss([], []), ShapeError, r"mse_loss: x has an axis of length 0"),
    BadCall(lambda: mse_loss_backward([1, 1], [1, 2], [1, 2]), ShapeError, r"mse_loss_backward: dy has 1 axes, expected 0 axes"),
    BadCall(lambda: mse_loss_backward(1, [1, 2], [1, 2], reduction="none"), ShapeError, r"mse_loss_backward: dy axis \.\.\."),
    BadCall(lambda: binary_cross_entropy([1.5], [1]), ValueError, r"binary_cross_entropy: x must hold probabilities, in 0\.\.1; got"),
    BadCall(lambda: binary_cross_entropy_backward(1, [-0.5], [1]), ValueError, r"binary_cross_entropy_backward: x must hold probabilities"),
    BadCall(lambda: binary_cross_entropy([0.5], [True]), TypeError, r"binary_cross_entropy: target must hold real numbers"),
    BadCall(lambda: binary_cross_entropy([[0.5]], [[1]], weight=[1]), ShapeError, r"binary_cross_entropy: weight axis \.\.\."),
    BadCall(lambda: binary_cross_entropy_with_logits([1], [[1]]), ShapeError, r"binary_cross_entropy_with_logits: target axis \.\.\."),
    BadCall(lambda: binary_cross_entropy_with_logits([[1, 2]], [[1, 0]], pos_weight=[1]), ShapeError,
            r"binary_cross_entropy_with_logits: pos_weight axis 0 \(C\) is 1, but x axis 1 \(C\) is 2"),
]
