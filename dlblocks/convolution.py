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
    windows = _windows("conv2d", x, weight, stride, padding, dilation, groups)
    count, *_, height, width = windows.shape
    matrix = weight.reshape(groups, len(weight) // groups, -1)
    y = np.empty((count, *matrix.shape[:2], height * width), np.result_type(x, weight, *([] if bias is None else [bias])))
    for part in _parts(windows):
        np.matmul(matrix, windows[part].reshape(-1, groups, matrix.shape[2], height * width), out=y[part])
    y = y.reshape(count, len(weight), height, width)
    if bias is not None:
        y += bias[:, None, None]
    return y


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
    windows = _windows("conv2d_backward", x, weight, stride, padding, dilation, groups)
    if dy.shape[2:] != windows.shape[4:]:
        raise ShapeError(f"conv2d_backward: dy is {dy.shape}, but the output is {(*dy.shape[:2], *windows.shape[4:])}; "
                         f"got x {x.shape}, weight {weight.shape}")
    size = weight[0].size
    rows = dy.reshape(len(dy), groups, len(weight) // groups, -1).swapaxes(2, 3)
    dmatrix = sum((windows[part].reshape(-1, groups, size, rows.shape[2]) @ rows[part]).sum(axis=0) for part in _parts(windows))
    dx = _input_gradient(dy, weight, x.shape, stride, _pads(padding, weight, dilation), dilation, groups)
    return dx, dmatrix.swapaxes(1, 2).reshape(weight.shape), None if bias is None else dy.sum(axis=(0, 2, 3))


def _windows(name, x, weight, stride, padding, dilation, groups):
    """All windows of the padded x as a view, N C kh kw oh ow, once shapes and options are known to fit."""
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
    windows = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(2, 3))
    return windows[:, :, ::stride[0], ::stride[1], ::dilation[0], ::dilation[1]].transpose(0, 1, 4, 5, 2, 3)


def _pads(padding, weight, dilation):
    """The padding as ((top, bottom), (left, right)); "same" puts the odd zero at the bottom and the right, as PyTorch does."""
    if padding == "same":
        return tuple((d * (k - 1) // 2, (d * (k - 1) + 1) // 2) for d, k in zip(dilation, weight.shape[2:]))
    return ((0, 0), (0, 0)) if padding == "valid" else tuple((p, p) for p in padding)


def _parts(windows, limit=2 ** 20):
    """Slices of the batch whose unfolded windows are about ``limit`` numbers: more would leave the processor's cache."""
    step = max(1, limit * len(windows) // windows.size)
    return [slice(start, start + step) for start in range(0, len(windows), step)]


def _input_gradient(dy, weight, shape, stride, pads, dilation, groups):
    """The gradient with respect to the x of this shape: windows that overlap add up.

    Row h of the padded gradient lies at row h // stride of phase h % stride, and columns likewise. Within a phase, what one kernel position
    receives is the whole of dy, moved; with dy as wide as the phase (zeros at the right) that is a single run of memory to add to.
    """
    (count, channels, height, width), (kh, kw), (oh, ow) = shape, weight.shape[2:], dy.shape[2:]
    sh, sw = stride
    tall, wide = -(-(height + sum(pads[0])) // sh) + 1, -(-(width + sum(pads[1])) // sw)
    matrix = weight.reshape(groups, len(weight) // groups, -1).swapaxes(1, 2)
    widened = np.zeros((*dy.shape[:3], wide), dy.dtype)
    widened[..., :ow] = dy
    widened = widened.reshape(count, groups, matrix.shape[2], oh * wide)
    phases = np.zeros((count, sh, sw, channels, tall * wide), np.result_type(dy, weight))
    for part in _parts(np.broadcast_to(0, (count, channels, kh, kw, oh * wide))):
        sent = (matrix @ widened[part]).reshape(-1, channels, kh, kw, oh * wide)
        for i, j in np.ndindex(kh, kw):
            (down, a), (right, b) = divmod(i * dilation[0], sh), divmod(j * dilation[1], sw)
            start = down * wide + right
            phases[part, a, b, :, start:start + oh * wide] += sent[:, :, i, j]
    padded = phases.reshape(count, sh, sw, channels, tall, wide).transpose(0, 3, 4, 1, 5, 2).reshape(count, channels, tall * sh, wide * sw)
    (top, _), (left, _) = pads
    return padded[:, :, top:top + height, left:left + width]
