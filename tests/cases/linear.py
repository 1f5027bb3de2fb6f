from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.linear import linear, linear_backward


def torch_linear(x, weight, bias=None):
    import torch
    return torch.nn.functional.linear(x, weight.T, bias)


SPINE = [1, 2, 3], [[1, 2], [3, 4], [5, 6]], [1, 2]

CASES = [
    Case(f"linear {name}", linear, linear_backward, inputs, torch_linear, smooth=name != "large")
    for name, inputs in {
        "batch": (draw(4, 3), draw(3, 2), draw(2)),
        "no leading axis": (draw(3), draw(3, 2), draw(2)),
        "three leading axes": (draw(2, 3, 2, 4), draw(4, 5), draw(5)),
        "no bias": (draw(4, 3), draw(3, 2), None),
        "size-1 axes": (draw(1, 1), draw(1, 1), draw(1)),
        "large": (extreme(4, 3), extreme(3, 2), extreme(2)),
    }.items()
]

BAD_CALLS = [
    BadCall(lambda: linear([1, 2], *SPINE[1:]), ShapeError, r"linear: weight axis 0 \(I\) is 3, but x axis 0 \(I\) is 2; .* got x \(2,\), weight \(3, 2\)"),
    BadCall(lambda: linear(*SPINE[:2], [1]), ShapeError, r"linear: bias axis 0 \(O\) is 1, but weight axis 1 \(O\) is 2"),
    BadCall(lambda: linear(*SPINE[:2], [[1, 2]]), ShapeError, r"linear: bias has 2 axes, expected 1 axes"),
    BadCall(lambda: linear([], [[1]]), ShapeError, r"linear: x has an axis of length 0"),
    BadCall(lambda: linear(None, [[1]]), TypeError, r"linear: x must hold real numbers, got None"),
    BadCall(lambda: linear([True], [[1]]), TypeError, r"linear: x must hold real numbers, got an array of bool"),
    BadCall(lambda: linear([[1], [1, 2]], [[1]]), ShapeError, r"linear: x is not a rectangular array"),
    BadCall(lambda: linear_backward([1, 2, 3], *SPINE), ShapeError, r"linear_backward: dy axis 0 \(O\) is 3, but weight axis 1 \(O\) is 2"),
    BadCall(lambda: linear_backward([[1, 2]], *SPINE), ShapeError, r"linear_backward: dy axis \.\.\. \(\.\.\.\) is \(1,\), but x axis"),
]
