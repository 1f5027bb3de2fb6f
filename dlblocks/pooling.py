"""Two-dimensional pooling over N C H W images: the maximum or the mean of each window.

Both work along the width first and the height second: kh + kw passes over the image in place of kh * kw.
"""

import numpy as np

from dlblocks.checks import ShapeError, check_pair, check_shapes


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """Keep the largest number of each window: ``y[n, c, a, b] = max over i, j of x[n, c, a*stride + i, b*stride + j]``.

    The padding counts as minus infinity. The output height is ``(H + 2*padding - kh) // stride + 1``, the width likewise.
    Shapes: x: N C H W; returns N C oh ow.
    Options: each an integer or a pair (height, width); stride=None is kernel_size; padding is at most half of kernel_size.
    Raises ShapeError if a window is larger than the padded image, TypeError or ValueError for a wrong option.
    Source: Weng, Ahuja and Huang (1992), Cresceptron: a Self-Organizing Neural Network Which Grows Adaptively.

    >>> max_pool2d([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], 2, stride=1)
    array([[[[5., 6.],
             [8., 9.]]]])
    """
    x = check_shapes("x: N C H W", x=x)
    kernel, stride = check_pair("kernel_size", kernel_size), check_pair("stride", kernel_size if stride is None else stride)
    padding = check_pair("padding", padding, low=0)
    _check_fit("max_pool2d", x, kernel, stride, padding)
    return _reduce(np.maximum, _reduce(np.maximum, _pad(x, padding, -np.inf), kernel, stride, 3), kernel, stride, 2)


def max_pool2d_backward(dy, x, kernel_size, stride=None, padding=0):
    """Gradient of `max_pool2d`: each dy goes to the maximum of its window, of several equal ones to the first in reading order.

    Shapes: dy: N C oh ow, x: N C H W; returns dx, N C H W.
    Raises what `max_pool2d` raises, and ShapeError if dy has not the shape of the output.
    Source: the chain rule; the choice among equals is PyTorch's.

    >>> max_pool2d_backward([[[[1, 10]]]], [[[[1, 3, 3], [2, 3, 0]]]], 2, stride=1)
    array([[[[ 0., 11.,  0.],
             [ 0.,  0.,  0.]]]])
    """
    x, dy = check_shapes("x: N C H W, dy: N C oh ow", x=x, dy=dy)
    kernel, stride = check_pair("kernel_size", kernel_size), check_pair("stride", kernel_size if stride is None else stride)
    padding = check_pair("padding", padding, low=0)
    _check_fit("max_pool2d_backward", x, kernel, stride, padding, dy)
    padded = _pad(x, padding, -np.inf)
    rows = _reduce(np.maximum, padded, kernel, stride, 3)
    # The first maximum in reading order lies in the first row that holds one, and is the first of that row.
    drows = _to_first_maximum(dy, _reduce(np.maximum, rows, kernel, stride, 2), rows, kernel, stride, 2)
    return _crop(_to_first_maximum(drows, rows, padded, kernel, stride, 3), x, padding)


def avg_pool2d(x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average each window: ``y[n, c, a, b] = sum over i, j of x[n, c, a*stride + i, b*stride + j] / (kh * kw)``.

    The padding counts as zeros; with count_include_pad=False the sum is divided by the number of entries that are not padding.
    Shapes: x: N C H W; returns N C oh ow, with oh and ow as in `max_pool2d`.
    Options: each an integer or a pair (height, width); stride=None is kernel_size; padding is at most half of kernel_size.
    Raises ShapeError if a window is larger than the padded image, TypeError or ValueError for a wrong option.
    Source: LeCun et al. (1990), Handwritten Digit Recognition with a Back-Propagation Network, whose second layer averages.

    >>> avg_pool2d([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], 2, stride=1)
    array([[[[3., 4.],
             [6., 7.]]]])
    """
    x = check_shapes("x: N C H W", x=x)
    kernel, stride = check_pair("kernel_size", kernel_size), check_pair("stride", kernel_size if stride is None else stride)
    padding = check_pair("padding", padding, low=0)
    _check_fit("avg_pool2d", x, kernel, stride, padding)
    y = _reduce(np.add, _reduce(np.add, _pad(x, padding, 0), kernel, stride, 3), kernel, stride, 2)
    y /= _window_sizes("avg_pool2d", x, kernel, stride, padding, count_include_pad)
    return y


def avg_pool2d_backward(dy, x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Gradient of `avg_pool2d`: each entry of a window gets an equal share of its dy, and shares of overlapping windows add up.

    Shapes: dy: N C oh ow, x: N C H W; returns dx, N C H W.
    Raises what `avg_pool2d` raises, and ShapeError if dy has not the shape of the output.
    Source: the chain rule.

    >>> avg_pool2d_backward([[[[4, 8], [12, 16]]]], [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], 2, stride=1)
    array([[[[ 1.,  3.,  2.],
             [ 4., 10.,  6.],
             [ 3.,  7.,  4.]]]])
    """
    x, dy = check_shapes("x: N C H W, dy: N C oh ow", x=x, dy=dy)
    kernel, stride = check_pair("kernel_size", kernel_size), check_pair("stride", kernel_size if stride is None else stride)
    padding = check_pair("padding", padding, low=0)
    _check_fit("avg_pool2d_backward", x, kernel, stride, padding, dy)
    shares = dy / _window_sizes("avg_pool2d_backward", x, kernel, stride, padding, count_include_pad)
    height, width = (size + 2 * p for size, p in zip(x.shape[2:], padding))
    rows = np.zeros((*dy.shape[:2], height, dy.shape[3]), shares.dtype)
    padded = np.zeros((*dy.shape[:2], height, width), shares.dtype)
    for entry in _entries(rows, kernel, stride, 2):
        entry += shares
    for entry in _entries(padded, kernel, stride, 3):
        entry += rows
    return _crop(padded, x, padding)


def _check_fit(name, x, kernel, stride, padding, dy=None):
    """Refuse padding that could fill a window, windows larger than the padded image, and a dy that is not as large as the output."""
    if any(2 * p > k for p, k in zip(padding, kernel)):
        raise ValueError(f"{name}: padding must be at most half of kernel_size {kernel}, got {padding}")
    room = [size + 2 * p - k for size, p, k in zip(x.shape[2:], padding, kernel)]
    if min(room) < 0:
        raise ShapeError(f"{name}: a window of {kernel[0]} x {kernel[1]} does not fit into x {x.shape} with padding {padding}")
    output = (*x.shape[:2], *(r // s + 1 for r, s in zip(room, stride)))
    if dy is not None and dy.shape != output:
        raise ShapeError(f"{name}: dy is {dy.shape}, but the output is {output}; got x {x.shape}, kernel_size {kernel}, stride {stride}")


def _pad(x, padding, fill):
    if padding == (0, 0):
        return x
    padded = np.full((*x.shape[:2], *(size + 2 * p for size, p in zip(x.shape[2:], padding))), fill, x.dtype)
    _crop(padded, x, padding)[...] = x
    return padded


def _crop(padded, x, padding):
    """The part of ``padded`` where x lies, as a view."""
    return padded[:, :, padding[0]:padding[0] + x.shape[2], padding[1]:padding[1] + x.shape[3]]


def _entries(x, kernel, stride, axis):
    """Views of x: the first entry of every window along the axis (2 the height, 3 the width), every second entry, and so on."""
    size, step = kernel[axis - 2], stride[axis - 2]
    stop = (x.shape[axis] - size) // step * step + 1
    return [x[(slice(None),) * axis + (slice(i, i + stop, step),)] for i in range(size)]


def _reduce(ufunc, x, kernel, stride, axis):
    """The maximum or the sum of each window along the axis."""
    first, *others = _entries(x, kernel, stride, axis)
    y = first.copy()
    for entry in others:
        ufunc(y, entry, out=y)
    return y


def _to_first_maximum(dy, y, x, kernel, stride, axis):
    """Send each dy to the first entry of its window along the axis that equals the maximum y."""
    dx, left = np.zeros(x.shape, dy.dtype), dy.copy()
    for entry, dentry in zip(_entries(x, kernel, stride, axis), _entries(dx, kernel, stride, axis)):
        sent = left * (entry == y)
        left -= sent
        dentry += sent
    return dx


def _window_sizes(name, x, kernel, stride, padding, count_include_pad):
    """What a sum is divided by: one number, or one for each window that counts only entries of x."""
    if not isinstance(count_include_pad, (bool, np.bool_)):
        raise TypeError(f"{name}: count_include_pad must be True or False, got {count_include_pad!r}")
    if count_include_pad:
        return kernel[0] * kernel[1]
    ones = _pad(np.ones((1, 1, *x.shape[2:]), x.dtype), padding, 0)
    return _reduce(np.add, _reduce(np.add, ones, kernel, stride, 3), kernel, stride, 2)
