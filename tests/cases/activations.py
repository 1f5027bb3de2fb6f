import numpy as np

import dlblocks.activations as activations
from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError


def torch_activation(name):
    def call(x, **options):
        import torch.nn.functional as F
        if name == "softplus":
            options["threshold"] = 500  # from there on PyTorch answers x: too early at its default of 20
        if "axis" in options:
            options["dim"] = options.pop("axis")
        return getattr(F, name)(x, **options)
    return call


def smooth_draw(*shape):
    return np.random.default_rng(7).standard_normal(shape)


SMOOTH = {"sigmoid": [{}], "tanh": [{}], "softplus": [{}], "silu": [{}], "gelu": [{}, {"approximate": "none"}, {"approximate": "tanh"}]}
KINKED = {"relu": [{}], "leaky_relu": [{}, {"negative_slope": 0.25}, {"negative_slope": 3}, {"negative_slope": -0.5}],
          "elu": [{}, {"alpha": 2.5}, {"alpha": 0.5}]}
ALONG_AXIS = {"softmax": [{}], "log_softmax": [{}]}
INPUTS = {"batch": draw(4, 5), "many axes": draw(2, 3, 2, 4), "size-1 axes": draw(1, 1), "large": extreme(4, 5),
          "away from kinks": smooth_draw(4, 5), "medium": 10 * smooth_draw(6, 7), "zeros": np.zeros((2, 3))}
AXES = [("axis 0", draw(4, 5), 0), ("axis 1 of 3", draw(2, 5, 3), 1), ("axis -2", draw(2, 5, 3), -2),
        ("last axis by its number", draw(2, 5, 3), 2), ("one axis", draw(6), -1), ("large, axis 0", extreme(5, 4), 0),
        ("constant rows", np.full((3, 4), 1e4), -1)]


def case(name, label, x, options, smooth):
    f, f_backward = getattr(activations, name), getattr(activations, f"{name}_backward")
    return Case(f"{name} {label} {options or ''}", f, f_backward, (x,), torch_activation(name), options, smooth)


CASES = [
    case(name, label, x, options | ({"axis": -1} if name in ALONG_AXIS else {}),
         label != "large" and (name not in KINKED or label == "away from kinks"))
    for name, choices in {**SMOOTH, **KINKED, **ALONG_AXIS}.items() for options in choices for label, x in INPUTS.items()
] + [
    case(name, "single number", np.array(-0.5), options, True) for name, choices in {**SMOOTH, **KINKED}.items() for options in choices
] + [
    case(name, label, x, {"axis": axis}, np.abs(x).max() < 100) for name in ALONG_AXIS for label, x, axis in AXES
]

BAD_CALLS = [
    bad for name in (*SMOOTH, *KINKED, *ALONG_AXIS)
    for f, back in [(getattr(activations, name), getattr(activations, f"{name}_backward"))] for bad in (
        BadCall(lambda f=f: f([]), ShapeError, rf"^{name}: x has an axis of length 0"),
        BadCall(lambda f=f: f(None), TypeError, rf"^{name}: x must hold real numbers, got None"),
        BadCall(lambda f=f: f([True]), TypeError, rf"^{name}: x must hold real numbers, got an array of bool"),
        BadCall(lambda f=f: f([1j]), TypeError, rf"^{name}: x must hold real numbers, got an array of complex128"),
        BadCall(lambda b=back: b([1, 2], [[1, 2]]), ShapeError, rf"^{name}_backward: dy axis \.\.\."),
        BadCall(lambda b=back: b([[1], [2]], [[1, 2]]), ShapeError, rf"^{name}_backward: dy axis"),
        BadCall(lambda b=back: b("1", [1]), (TypeError, ShapeError), rf"^{name}_backward: dy"),
    )
] + [
    bad for f in (activations.softmax, activations.log_softmax) for bad in (
        BadCall(lambda f=f: f(1.0), ShapeError, rf"{f.__name__}: x has 0 axes, expected at least 1 axes"),
        BadCall(lambda f=f: f([[1, 2]], axis=2), ValueError, rf"{f.__name__}: axis must be at least -2 and at most 1, got 2"),
        BadCall(lambda f=f: f([[1, 2]], axis=-3), ValueError, rf"{f.__name__}: axis must be at least -2"),
        BadCall(lambda f=f: f([[1, 2]], axis=None), TypeError, rf"{f.__name__}: axis must be an integer, got None"),
        BadCall(lambda f=f: f([[1, 2]], axis=True), TypeError, rf"{f.__name__}: axis must be an integer, got True"),
    )
] + [
    BadCall(lambda: activations.softmax_backward([[1, 2]], [[1, 2]], axis=2), ValueError, r"^softmax_backward: axis must be"),
    BadCall(lambda: activations.log_softmax_backward([[1, 2]], [[1, 2]], axis=1.0), TypeError,
            r"^log_softmax_backward: axis must be an integer"),
    BadCall(lambda: activations.log_softmax_backward([[1, 2]], [[1, 2]], axis=2), ValueError, r"^log_softmax_backward: axis must be"),
    BadCall(lambda: activations.leaky_relu([1], "0.1"), TypeError, r"^leaky_relu: negative_slope must be a number, got '0.1'"),
    BadCall(lambda: activations.leaky_relu([1], float("nan")), ValueError, r"^leaky_relu: negative_slope must be finite, got nan"),
    BadCall(lambda: activations.leaky_relu_backward([1], [1], None), TypeError, r"^leaky_relu_backward: negative_slope must be a number"),
    BadCall(lambda: activations.elu([1], True), TypeError, r"^elu: alpha must be a number, got True"),
    BadCall(lambda: activations.elu_backward([1], [1], [1]), TypeError, r"^elu_backward: alpha must be a number"),
    BadCall(lambda: activations.gelu([1], True), ValueError, r"^gelu: approximate must be one of 'none', 'tanh', got True"),
    BadCall(lambda: activations.gelu_backward([1], [1], "erf"), ValueError,
            r"^gelu_backward: approximate must be one of 'none', 'tanh', got 'erf'"),
]
