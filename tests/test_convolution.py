"""Convolution: the tutorial's numbers, a plain loop beside the matrix product, and the three sums behind the gradients."""

import numpy as np

from dlblocks.convolution import conv2d, conv2d_backward

IMAGE, FILTER = np.arange(1.0, 10).reshape(1, 1, 3, 3), np.array([[[[1.0, 2], [3, 4]]]])


def test_correlation_and_convolution_of_the_book():
    assert conv2d(IMAGE, FILTER)[0, 0].tolist() == [[37, 47], [67, 77]]
    assert conv2d(IMAGE, FILTER[:, :, ::-1, ::-1])[0, 0].tolist() == [[23, 33], [53, 63]]


def test_plain_loop():
    rng = np.random.default_rng(0)
    x, weight, bias = rng.standard_normal((2, 4, 7, 8)), rng.standard_normal((6, 2, 3, 2)), rng.standard_normal(6)
    y = conv2d(x, weight, bias, stride=(2, 1), padding=(1, 0), dilation=(1, 3), groups=2)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 0)))
    for n, o, a, b in np.ndindex(y.shape):
        first = o // 3 * 2  # three filters a group, two channels a group
        window = padded[n, first:first + 2, 2 * a:2 * a + 3, b:b + 4:3]
        np.testing.assert_allclose(y[n, o, a, b], bias[o] + np.sum(window * weight[o]), rtol=1e-12, atol=1e-12)


def test_gradients_are_the_adjoint():
    """The sum of dy * conv2d(x, weight) equals the sum of dx * x, and that of dweight * weight, for every shape and option."""
    rng = np.random.default_rng(1)
    for _ in range(60):
        (kh, kw), groups = rng.integers(1, 4, 2), int(rng.integers(1, 3))
        options = {name: tuple(map(int, rng.integers(low, high, 2)))
                   for name, low, high in (("stride", 1, 5), ("padding", 0, 4), ("dilation", 1, 4))} | {"groups": groups}
        height, width = rng.integers(7, 12, 2)
        x, weight = rng.standard_normal((2, 2 * groups, height, width)), rng.standard_normal((3 * groups, 2, kh, kw))
        y = conv2d(x, weight, **options)
        dy = rng.standard_normal(y.shape)
        dx, dweight, dbias = conv2d_backward(dy, x, weight, **options)
        np.testing.assert_allclose([np.sum(dx * x), np.sum(dweight * weight)], np.sum(dy * y), rtol=1e-10, atol=1e-10)
        assert dbias is None


def test_a_batch_in_parts_is_a_batch():
    rng = np.random.default_rng(2)
    x, weight = rng.standard_normal((7, 8, 60, 60)), rng.standard_normal((2, 8, 3, 3))
    y = conv2d(x, weight)
    dx, dweight, _ = conv2d_backward(y, x, weight)
    apart = [conv2d_backward(conv2d(x[i:i + 1], weight), x[i:i + 1], weight) for i in range(7)]
    np.testing.assert_allclose(dx, np.concatenate([part[0] for part in apart]), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(dweight, sum(part[1] for part in apart), rtol=1e-10)


def test_arrays_of_numbers_as_objects():
    x, weight = IMAGE.astype(int).astype(object), FILTER.astype(int).astype(object)
    y = conv2d(x, weight)
    assert y.dtype == object and y[0, 0].tolist() == [[37, 47], [67, 77]]
    dx, dweight, _ = conv2d_backward(y, x, weight)
    assert dx.dtype == object and dweight[0, 0].tolist() == conv2d(IMAGE, y.astype(float))[0, 0].tolist()
