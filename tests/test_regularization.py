"""Dropout keeps the mean; the contractive penalty is the Jacobian of a real encoder."""

import numpy as np

from dlblocks.activations import sigmoid
from dlblocks.linear import linear
from dlblocks.regularization import contractive_penalty, dropout, dropout_backward, l1_penalty, l1_penalty_backward


def test_dropout_keeps_the_mean():
    mask = np.random.default_rng(0).random(200_000) >= 0.3
    assert abs(dropout(np.ones(200_000), mask, 0.3).mean() - 1) < 0.01


def test_no_minus_zero():
    assert not np.signbit(dropout([-1, -2], [False, False])).any()
    assert not np.signbit(dropout_backward([-1, -2], [1, 2], [False, False])).any()
    assert not np.signbit(l1_penalty_backward(-1, [0, 0])).any()


def test_contractive_penalty_by_finite_differences_of_the_encoder():
    rng = np.random.default_rng(1)
    x, weight, bias, step = rng.standard_normal((4, 3)), rng.standard_normal((3, 5)), rng.standard_normal(5), 1e-5
    encode = lambda x: sigmoid(linear(x, weight, bias))
    slopes = [(encode(x + step * e) - encode(x - step * e)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(contractive_penalty(encode(x), weight), np.square(slopes).sum() / 4, rtol=1e-8)


def test_penalties_of_float32_are_float32_scalars():
    x = np.array([1, -2], np.float32)
    assert l1_penalty(x).dtype == np.float32 and np.ndim(l1_penalty(x)) == 0
    assert l1_penalty_backward(0.1, x).dtype == np.float32  # a Python number does not widen the gradient
    assert contractive_penalty(np.float32([[0.5]]), np.float32([[2]])).dtype == np.float32
