"""Activations: the tutorial's numbers, the ends of the range of numbers, and an erf as good as it says."""

import math

import numpy as np
import pytest

import dlblocks.activations as activations
from dlblocks.activations import elu, gelu, gelu_backward, log_softmax, relu, relu_backward, sigmoid, silu, softmax, softplus

NAMES = ["relu", "leaky_relu", "elu", "sigmoid", "tanh", "softplus", "silu", "gelu", "softmax", "log_softmax"]


@pytest.mark.parametrize("f, expected", [
    (relu, [0, 0, 1, 2]), (lambda x: gelu(x, "tanh"), [-0.1588, 0, 0.8412, 1.9546]), (silu, [-0.2689, 0, 0.7311, 1.7616])])
def test_the_numbers_of_the_book(f, expected):
    np.testing.assert_array_equal(f([-1, 0, 1, 2]).round(4), expected)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_finite_and_silent_as_far_as_numbers_go(name, dtype):
    f, f_backward = getattr(activations, name), getattr(activations, f"{name}_backward")
    ends = [10.0 ** power for power in (-300, -30, 1, 2, 3, 4, 15, 30, 150, 300) if abs(power) < np.log10(float(np.finfo(dtype).max))]
    x = np.array([*ends, 0, *(-end for end in ends)], dtype)
    assert np.isfinite(f(x)).all()
    assert np.isfinite(f_backward(np.ones_like(x), x)).all()
    for value in x:
        assert np.isfinite(f(np.full(3, value))).all() and np.isfinite(f_backward(np.ones(3, dtype), np.full(3, value))).all()


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_far_out_is_x_or_zero(approximate):
    for x in (np.array([-1e4, -50, 50, 1e4]), np.array([-1e4, -50, 50, 1e4], np.float32)):
        np.testing.assert_array_equal(gelu(x, approximate), np.maximum(x, 0))
        np.testing.assert_array_equal(gelu_backward(np.ones_like(x), x, approximate), x > 0)


def test_exact_gelu_against_the_standard_library():
    x = np.linspace(-9, 9, 40001)
    exact = np.array([v / 2 * math.erfc(-v / math.sqrt(2)) for v in x])
    slopes = np.array([math.erfc(-v / math.sqrt(2)) / 2 + v * math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x])
    np.testing.assert_allclose(gelu(x), exact, rtol=1e-12, atol=4e-13)
    np.testing.assert_allclose(gelu_backward(np.ones_like(x), x), slopes, rtol=1e-12, atol=4e-13)
    narrow = x.astype(np.float32)
    np.testing.assert_allclose(gelu(narrow), exact, rtol=3e-7, atol=6e-7)
    np.testing.assert_allclose(gelu_backward(np.ones_like(narrow), narrow), slopes, rtol=3e-7, atol=6e-7)


def test_small_probabilities_keep_their_digits():
    assert sigmoid(-40.0) == pytest.approx(math.exp(-40), rel=1e-14)
    assert softplus(-40.0) == pytest.approx(math.exp(-40), rel=1e-14)
    assert elu(-1e-12) == pytest.approx(-1e-12, rel=1e-11)
    np.testing.assert_allclose(log_softmax([0, -1e4]), [0, -1e4], rtol=1e-14)


def test_relu_backward_gives_no_minus_zero():
    assert not np.signbit(relu_backward([-1, -1], [-1, 0])).any()


def test_softmax_does_not_see_what_is_added_to_a_row():
    x = np.random.default_rng(2).standard_normal((4, 5))
    np.testing.assert_allclose(softmax(x + 1000), softmax(x), rtol=1e-12)
    np.testing.assert_allclose(softmax(x).sum(axis=-1), 1, rtol=1e-15)
    np.testing.assert_allclose(log_softmax(x), np.log(softmax(x)), rtol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_of_a_wider_dy_keeps_its_width(name):
    x, dy = np.array([-1, 0, 2], np.float32), np.array([1.0, 2.0, 3.0])
    assert getattr(activations, f"{name}_backward")(dy, x).dtype == np.float64
