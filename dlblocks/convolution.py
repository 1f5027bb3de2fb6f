"""The two-dimensional convolution (in truth a cross-correlation: the filter is not flipped) over N C H W images."""

import numpy as np

from dlblocks.checks import ShapeError, check_choice, check_option, check_pair, check_shapes


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide filters over images: an output is the sum of the products of one filter and one window, plus the filter's bias.

    ``y[n, o, a, b] = bias[o] + sum over c, i, j of weight[o, c, i, j] * x[n, c, a*stride + i*dilation, b*stride + j*dilation]``,
    after zeros are padded around x. The output height is ``(H + 2*padding - dilation*(kh - 1) - 1) // stride + 1``, the width likewise.
    With groups, channels and filters are cut into as many groups, and the filters of a group see the channels of that group.
    Shapes: x: N C H W, weight: O Cg kh kw, bias: O | None, where Cg = C / groups; returns N O oh ow.
    Options: an integer or a pair (height, width) each, groups an integer; padding also "valid" (0) or "same" (y as large as x; stride 1).
    Raises ShapeError if the shapes do not fit or a window exceeds the padded image, TypeError or ValueError for a wrong option.
    Source: LeCun et al. (1989), Backpropagation Applied to Handwritten Zip Code Recognition.

    >>> conv2d([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], [[[[1, 2], [3, 4]]]])
    array([[[[37., 47.],
             [67., 77.]]]])
    """
    x, weight, bias = check_shapes("x: N C H W, weight: O Cg kh kw, bias: O | None", x=x, weight=weight, bias=bias)
    stride, dilation = check_pair("stride", stride), check_pair("dilation", dilation)
    groups = check_option("groups", groups, low=1, integer=True)
    padding = check_choice("padding", padding, ("valid", "same")) if isinstance(padding, str) else check_pair("padding", padding, low=0)
    padded, (height, width) = _pad("conv2d", x, weight, stride, padding, dilation, groups)
    y = np.zeros((len(x), len(weight), height, width), np.result_type(x, weight, *([] if bias is None else [bias])))
    if bias is not None:
        y += bias[:, None, None]
    return _correlate(padded, weight, stride, dilation, groups, y)


def conv2d_backward(dy, x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Gradients of `conv2d`: for each product weight * x of an output, dweight gets dy * x, and dx gets dy * weight.

    ``dweight[o, c, i, j] = sum over n, a, b of dy[n, o, a, b] * x[n, c, a*stride + i*dilation, b*stride + j*dilation]``;
    ``dx[n, c, a*stride + i*dilation, b*stride + j*dilation] += dy[n, o, a, b] * weight[o, c, i, j]``; dbias sums dy over n, a, b.
    Shapes: x: N C H W, weight: O Cg kh kw, bias: O | None, dy: N O oh ow; returns (dx, dweight, dbias), dbias None without a bias.
    Raises what `conv2d` raises, and ShapeError if dy has not the shape of the output.
    Source: LeCun et al. (1989); the chain rule for a matrix product over the unfolded windows.

    >>> dx, dweight, dbias = conv2d_backward([[[[1, 0], [0, 1]]]], [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], [[[[1, 2], [3, 4]]]])
    >>> dx
    array([[[[1., 2., 0.],
             [3., 5., 2.],
             [0., 3., 4.]]]])
    >>> dweight
    array([[[[ 6.,  8.],
             [12., 14.]]]])
    """
    spec = "x: N C H W, weight: O Cg kh kw, bias: O | None, dy: N O oh ow"
    x, weight, bias, dy = check_shapes(spec, x=x, weight=weight, bias=bias, dy=dy)
    stride, dilation = check_pair("stride", stride), check_pair("dilation", dilation)
    groups = check_option("groups", groups, low=1, integer=True)
    padding = check_choice("padding", padding, ("valid", "same")) if isinstance(padding, str) else check_pair("padding", padding, low=0)
    padded, size = _pad("conv2d_backward", x, weight, stride, padding, dilation, groups)
    if dy.shape[2:] != size:
        raise ShapeError(f"conv2d_backward: dy is {dy.shape}, but the output is {(*dy.shape[:2], *size)}; got x {x.shape}, weight {weight.shape}")
    filters = dy.reshape(len(dy), groups, len(weight) // groups, -1)
    rows = _rows(padded, weight.shape[1:], stride, dilation, size)
    dweight = np.stack([(filters @ row.swapaxes(2, 3)).sum(axis=0) for row in rows], axis=2)  # groups, filters, kernel rows, Cg * kw
    dweight = dweight.reshape(len(weight), weight.shape[2], weight.shape[1], weight.shape[3]).swapaxes(1, 2)
    dx = _input_gradient(dy, weight, x.shape[2:], stride, _pads(padding, weight, dilation), dilation, groups)
    return dx, dweight, None if bias is None else dy.sum(axis=(0, 2, 3))


def _correlate(x, weight, stride, dilation, groups, y):
    """Add to y the products of every filter with every window of x: for each row of the kernel, one matrix product."""
    filters, channels, kh, kw = weight.shape
    matrices = weight.transpose(2, 0, 1, 3).reshape(kh, groups, filters // groups, channels * kw)
    sums = y.reshape(len(x), groups, filters // groups, -1)
    for matrix, row in zip(matrices, _rows(x, weight.shape[1:], stride, dilation, y.shape[2:])):
        sums += matrix @ row
    return y


def _rows(x, kernel, stride, dilation, size):
    """For each row i of the kernel, what it meets at all outputs, as matrices N groups Cg*kw oh*ow.

    Only the columns of the kernel are copied: ``columns[n, c, j, h, b] = x[n, c, h, b*stride + j*dilation]``. What row i meets is
    columns again, from line i*dilation on, and with stride 1 a view of it.
    """
    (channels, kh, kw), (oh, ow) = kernel, size
    columns = np.stack([x[..., j:j + stride[1] * (ow - 1) + 1:stride[1]] for j in range(0, kw * dilation[1], dilation[1])], axis=2)
    columns = columns.reshape(len(x), x.shape[1] // channels, channels * kw, x.shape[2], ow)
    for i in range(0, kh * dilation[0], dilation[0]):
        yield columns[:, :, :, i:i + stride[0] * (oh - 1) + 1:stride[0]].reshape(*columns.shape[:3], oh * ow)


def _input_gradient(dy, weight, size, stride, pads, dilation, groups):
    """The gradient with respect to an x of this height and width: dy, spread by the stride, correlated with the flipped filters.

    A pixel h gets dy[a] * weight[i] from every pair with a*stride + i*dilation = h + top, so the kernel is walked backward.
    """
    filters, channels, *kernel = weight.shape
    reach = [d * (k - 1) for d, k in zip(dilation, kernel)]  # from a pixel back to the first output that saw it
    padded = [length + sum(pad) for length, pad in zip(size, pads)]
    spread = np.zeros((*dy.shape[:2], *(length + r for length, r in zip(padded, reach))), dy.dtype)
    lines, columns = (slice(first, first + s * (n - 1) + 1, s) for first, s, n in zip(reach, stride, dy.shape[2:]))
    spread[:, :, lines, columns] = dy
    spread = spread[:, :, pads[0][0]:pads[0][0] + size[0] + reach[0], pads[1][0]:pads[1][0] + size[1] + reach[1]]
    flipped = weight.reshape(groups, filters // groups, channels, *kernel).swapaxes(1, 2)[..., ::-1, ::-1]
    dx = np.zeros((len(dy), groups * channels, *size), np.result_type(dy, weight))
    return _correlate(spread, flipped.reshape(groups * channels, -1, *kernel), (1, 1), dilation, groups, dx)


def _pad(name, x, weight, stride, padding, dilation, groups):
    """x with its zeros around it, and the height and width of the output, once shapes and options are known to fit."""
    channels, filters = x.shape[1], len(weight)
    if channels != groups * weight.shape[1] or filters % groups:
        raise ShapeError(f"{name}: with groups={groups}, weight {weight.shape} needs {groups * weight.shape[1]} channels "
                         f"and a multiple of {groups} filters; got x {x.shape} with {channels} channels, and {filters} filters")
    if padding == "same" and stride != (1, 1):
        raise ValueError(f"{name}: padding 'same' needs stride 1, got stride {stride}")
    (top, bottom), (left, right) = _pads(padding, weight, dilation)
    height, width = x.shape[2:]
    padded = x
    if top + bottom + left + right:
        padded = np.zeros((*x.shape[:2], top + height + bottom, left + width + right), x.dtype)
        padded[:, :, top:top + height, left:left + width] = x
    spans = tuple(d * (k - 1) + 1 for d, k in zip(dilation, weight.shape[2:]))
    if spans[0] > padded.shape[2] or spans[1] > padded.shape[3]:
        raise ShapeError(f"{name}: a window of {spans[0]} x {spans[1]} does not fit into the padded image of "
                         f"{padded.shape[2]} x {padded.shape[3]}; got x {x.shape}, weight {weight.shape}, "
                         f"padding {padding}, dilation {dilation}")
    return padded, tuple((length - span) // s + 1 for length, span, s in zip(padded.shape[2:], spans, stride))


def _pads(padding, weight, dilation):
    """The padding as ((top, bottom), (left, right)); "same" puts the odd zero at the bottom and the right, as PyTorch does."""
    if padding == "same":
        return tuple((d * (k - 1) // 2, (d * (k - 1) + 1) // 2) for d, k in zip(dilation, weight.shape[2:]))
    return ((0, 0), (0, 0)) if padding == "valid" else tuple((p, p) for p in padding)
