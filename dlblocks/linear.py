"""The linear (fully connected, dense) layer."""

from dlblocks.checks import check_shapes


def linear(x, weight, bias=None):
    """Multiply by a matrix and add a bias: ``y = x @ weight + bias``.

    Shapes: x: ... I, weight: I O, bias: O | None; returns ... O.
    Raises ShapeError if the shapes do not fit.
    Source: Rumelhart, Hinton and Williams (1986), equation 1; the weight here is the transpose of PyTorch's.

    >>> linear([1, 2, 3], [[1, 2], [3, 4], [5, 6]], [1, 2])
    array([23., 30.])
    """
    x, weight, bias = check_shapes("x: ... I, weight: I O, bias: O | None", x=x, weight=weight, bias=bias)
    y = x @ weight
    return y if bias is None else y + bias


def linear_backward(dy, x, weight, bias=None):
    """Gradients of `linear`: ``dx = dy @ weight.T``, ``dweight = x.T @ dy``, ``dbias = dy`` summed over the leading axes.

    Shapes: dy: ... O, x: ... I, weight: I O, bias: O | None; returns (dx, dweight, dbias), dbias None without a bias.
    Raises ShapeError if the shapes do not fit.
    Source: the chain rule; Rumelhart, Hinton and Williams (1986), equations 6 and 7.

    >>> dx, dweight, dbias = linear_backward([1, 10], [1, 2, 3], [[1, 2], [3, 4], [5, 6]], [1, 2])
    >>> dx
    array([21., 43., 65.])
    """
    x, weight, bias, dy = check_shapes("x: ... I, weight: I O, bias: O | None, dy: ... O", x=x, weight=weight, bias=bias, dy=dy)
    rows, drows = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
    return dy @ weight.T, rows.T @ drows, None if bias is None else drows.sum(axis=0)
