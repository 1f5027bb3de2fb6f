import numpy as np

from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.embedding import embedding, embedding_backward


def torch_embedding(ids, weight):
    import torch
    return torch.nn.functional.embedding(ids.long(), weight)


TABLE = [[1, 2], [3, 4], [5, 6]]

CASES = [
    Case(f"embedding {name}", embedding, embedding_backward, (ids, weight), torch_embedding, smooth=name != "large")
    for name, (ids, weight) in {
        "batch": (np.array([[0, 3, 1], [2, 4, 0]]), draw(5, 3)),
        "repeated ids": (np.array([[1, 1, 2, 1], [2, 1, 1, 1]]), draw(4, 3)),
        "one id": (np.array(2), draw(5, 3)),
        "size-1 axes": (np.array([[0]]), draw(1, 1)),
        "three axes": (np.arange(12).reshape(2, 2, 3) % 7, draw(7, 2)),
        "small integers": (np.array([0, 4, 2], dtype=np.uint8), draw(5, 100)),
        "large": (np.array([0, 1, 1]), extreme(3, 4)),
    }.items()
]

BAD_CALLS = [
    BadCall(lambda: embedding([1, 2, 3], TABLE), IndexError, r"embedding: ids must lie in 0\.\.2, got 3"),
    BadCall(lambda: embedding([0, -1], TABLE), IndexError, r"embedding: ids must lie in 0\.\.2, got -1"),
    BadCall(lambda: embedding([0.0, 1.0], TABLE), TypeError, r"embedding: ids must hold integers, got an array of float64"),
    BadCall(lambda: embedding([True, False], TABLE), TypeError, r"embedding: ids must hold real numbers, got an array of bool"),
    BadCall(lambda: embedding(["a"], TABLE), TypeError, r"embedding: ids must hold real numbers, got an array of <U1"),
    BadCall(lambda: embedding(None, TABLE), TypeError, r"embedding: ids must hold real numbers, got None"),
    BadCall(lambda: embedding([], TABLE), ShapeError, r"embedding: ids has an axis of length 0"),
    BadCall(lambda: embedding([0], [1, 2]), ShapeError, r"embedding: weight has 1 axes, expected 2 axes \(V D\)"),
    BadCall(lambda: embedding(TABLE, [0, 1, 2]), ShapeError, r"embedding: weight has 1 axes"),
    BadCall(lambda: embedding_backward([[1, 2]], [0, 1], TABLE), ShapeError,
            r"embedding_backward: dy axis \.\.\. .* is \(1,\), but ids axis"),
    BadCall(lambda: embedding_backward([[1]], [0], TABLE), ShapeError,
            r"embedding_backward: dy axis 1 \(D\) is 1, but weight axis 1 \(D\) is 2"),
    BadCall(lambda: embedding_backward([[1, 2]], [3], TABLE), IndexError, r"embedding_backward: ids must lie in 0\.\.2, got 3"),
    BadCall(lambda: embedding_backward([[1, 2]], [0.0], TABLE), TypeError, r"embedding_backward: ids must hold integers"),
]
