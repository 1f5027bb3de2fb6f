"""Bad calls by the hundred: an argument of any case is spoiled, and the block must say which one and why, never compute."""

import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import CASES
from test_blocks import upstream

SPOILERS = {
    "text": lambda a: np.full(a.shape, "seven"),
    "dates": lambda a: np.full(a.shape, np.datetime64("2020-02-02")),
    "booleans": lambda a: np.ones(a.shape, dtype=bool),
    "complex numbers": lambda a: a.astype(complex),
    "an axis of length 0": lambda a: np.empty((0, *a.shape[1:]), a.dtype),
    "a ragged list": lambda a: [[1.0], [1.0, 2.0]],
    "objects": lambda a: np.full(a.shape, None, dtype=object),
    "None": lambda a: None,
}


def spoiled_calls():
    """(case, backward or not, position of the argument, name of the argument) of every array that a case gives."""
    calls = []
    for case in CASES:
        for backward in (False, True):
            f = case.f_backward if backward else case.f
            names = list(inspect.signature(f).parameters)[backward:]
            calls += [(case, backward, i, names[i]) for i, value in enumerate(case.inputs) if isinstance(value, np.ndarray)]
    return calls


CALLS = spoiled_calls()


@settings(max_examples=3000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(call=st.sampled_from(CALLS), spoiler=st.sampled_from(sorted(SPOILERS)))
def test_a_spoiled_argument_is_named_in_a_clear_error(call, spoiler):
    case, backward, place, name = call
    value = case.inputs[place]
    f = case.f_backward if backward else case.f
    parameter = inspect.signature(f).parameters[name]
    if spoiler == "booleans" and (value.dtype == bool or name == "mask"):
        return  # a boolean mask is what is wanted
    if spoiler == "None" and (parameter.default is None or name in ("h", "h0", "c", "c0", "bias", "weight")):
        return  # optional there
    if spoiler == "an axis of length 0" and value.ndim == 0:
        return
    if spoiler == "complex numbers" and value.dtype.kind != "f":
        spoiler = "text"
    inputs = [*case.inputs[:place], SPOILERS[spoiler](value), *case.inputs[place + 1:]]
    if backward:
        inputs = [upstream(case.f(*case.inputs, **case.options)), *inputs]
    with np.errstate(all="raise"), pytest.raises((TypeError, ValueError, IndexError)) as raised:
        f(*inputs, **case.options)
    message = str(raised.value)
    assert message.startswith(f"{f.__name__}: ") and name in message, message


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=st.sampled_from(CASES), change=st.sampled_from(["one axis more", "one axis less", "longer", "text"]))
def test_an_upstream_gradient_of_another_shape_is_refused(case, change):
    dy = upstream(case.f(*case.inputs, **case.options))
    first = dy
    while isinstance(first, tuple):
        first = first[0]
    first = np.asarray(first)
    if first.ndim == 0 and change in ("one axis less", "longer"):
        return
    wrong = {"one axis more": lambda: first[None], "one axis less": lambda: first[0], "longer": lambda: np.concatenate([first, first]),
             "text": lambda: np.full(first.shape, "seven")}[change]()

    def put(nested):
        return (put(nested[0]), *nested[1:]) if isinstance(nested, tuple) else wrong

    with pytest.raises((TypeError, ValueError)) as raised:
        case.f_backward(put(dy), *case.inputs, **case.options)
    assert str(raised.value).startswith(f"{case.f_backward.__name__}: "), raised.value
