"""Pooling: ties, padding, and windows that overlap, on numbers small enough to see."""

import numpy as np

from dlblocks.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward

IMAGE = np.arange(1.0, 10).reshape(1, 1, 3, 3)


def test_a_tie_goes_to_the_first_in_reading_order():
    dx = max_pool2d_backward(np.ones((1, 1, 1, 1)), np.array([[[[0.0, 0, 5], [5, 5, 0]]]]), (2, 3))
    assert dx[0, 0].tolist() == [[0, 0, 1], [0, 0, 0]]
    assert max_pool2d_backward(np.ones((1, 1, 1, 1)), np.zeros((1, 1, 3, 3)), 3).reshape(-1).tolist() == [1] + [0] * 8


def test_padding_never_wins():
    assert max_pool2d(-IMAGE, 2, padding=1)[0, 0].tolist() == [[-1, -2], [-4, -5]]
    assert max_pool2d_backward(np.ones((1, 1, 2, 2)), -IMAGE, 2, padding=1).sum() == 4


def test_padding_in_the_mean():
    assert avg_pool2d(IMAGE, 2, padding=1)[0, 0].tolist() == [[0.25, 1.25], [2.75, 7]]
    assert avg_pool2d(IMAGE, 2, padding=1, count_include_pad=False)[0, 0].tolist() == [[1, 2.5], [5.5, 7]]


def test_plain_loop():
    x = np.random.default_rng(0).standard_normal((2, 3, 9, 8))
    highest, mean = max_pool2d(x, (3, 2), (2, 3)), avg_pool2d(x, (3, 2), (2, 3))
    for n, c, a, b in np.ndindex(highest.shape):
        window = x[n, c, 2 * a:2 * a + 3, 3 * b:3 * b + 2]
        assert highest[n, c, a, b] == window.max()
        np.testing.assert_allclose(mean[n, c, a, b], window.mean(), rtol=1e-12)


def test_gradients_keep_their_sum():
    rng = np.random.default_rng(1)
    x, dy = rng.integers(0, 3, (2, 3, 9, 8)).astype(float), rng.standard_normal((2, 3, 7, 6))
    np.testing.assert_allclose(max_pool2d_backward(dy, x, 3, 1).sum(), dy.sum(), rtol=1e-12)
    np.testing.assert_allclose(avg_pool2d_backward(dy, x, 3, 1).sum(), dy.sum(), rtol=1e-12)


def test_arrays_of_numbers_as_objects():
    x = IMAGE.astype(int).astype(object)
    assert max_pool2d(x, 2, 1).tolist() == [[[[5, 6], [8, 9]]]] and avg_pool2d(x, 2, 1).tolist() == [[[[3, 4], [6, 7]]]]
    assert max_pool2d_backward(x[..., :2, :2], x, 2, 1).tolist() == [[[[0, 0, 0], [0, 1, 2], [0, 4, 5]]]]
    assert avg_pool2d_backward(4 * x[..., :1, :1], x[..., :2, :2], 2).tolist() == [[[[1, 1], [1, 1]]]]
