import warnings

from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.convolution import conv2d, conv2d_backward


def torch_conv2d(x, weight, bias=None, **options):
    import torch
    with warnings.catch_warnings():  # of a copy that "same" may need
        warnings.simplefilter("ignore")
        return torch.nn.functional.conv2d(x, weight, bias, **options)


IMAGE, FILTER = [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], [[[[1, 2], [3, 4]]]]


def case(name, x, weight, bias=None, **options):
    return Case(f"conv2d {name}", conv2d, conv2d_backward, (x, weight, bias), torch_conv2d, options, smooth=name != "large")


CASES = [
    case("batch", draw(2, 3, 5, 6), draw(4, 3, 3, 2), draw(4)),
    case("no bias", draw(2, 3, 5, 6), draw(4, 3, 3, 2)),
    case("size-1 axes", draw(1, 1, 1, 1), draw(1, 1, 1, 1), draw(1)),
    case("kernel 1 x 1", draw(2, 3, 4, 5), draw(4, 3, 1, 1), draw(4)),
    case("kernel as large as the image", draw(2, 3, 4, 5), draw(2, 3, 4, 5), draw(2)),
    case("stride", draw(2, 2, 7, 8), draw(3, 2, 3, 3), draw(3), stride=2),
    case("stride leaves rows over", draw(1, 2, 9, 10), draw(3, 2, 2, 3), draw(3), stride=(4, 3)),
    case("stride larger than the kernel", draw(2, 2, 8, 9), draw(3, 2, 2, 1), draw(3), stride=(3, 4)),
    case("padding", draw(2, 2, 4, 5), draw(3, 2, 3, 3), draw(3), padding=1),
    case("padding larger than the kernel", draw(1, 2, 2, 3), draw(2, 2, 2, 2), padding=(3, 4)),
    case("dilation", draw(2, 2, 7, 8), draw(3, 2, 3, 2), draw(3), dilation=(2, 3)),
    case("stride, padding, dilation", draw(2, 2, 8, 9), draw(3, 2, 3, 2), draw(3), stride=(2, 3), padding=(1, 2), dilation=(3, 2)),
    case("dilation a multiple of stride", draw(1, 1, 11, 9), draw(1, 1, 3, 3), stride=(2, 2), padding=2, dilation=(4, 2)),
    case("groups", draw(2, 4, 5, 6), draw(6, 2, 3, 2), draw(6), groups=2, stride=2, padding=1),
    case("depthwise", draw(2, 3, 5, 5), draw(6, 1, 3, 3), draw(6), groups=3, padding=1),
    case("valid", draw(1, 2, 5, 5), draw(2, 2, 3, 3), padding="valid", stride=2),
    case("same", draw(2, 2, 5, 6), draw(3, 2, 3, 3), draw(3), padding="same", dilation=2),
    case("same, even kernel", draw(2, 2, 5, 6), draw(3, 2, 2, 4), draw(3), padding="same"),
    case("several parts of a batch", draw(9, 8, 40, 41), draw(2, 8, 3, 3), draw(2), padding=1),
    case("large", extreme(2, 2, 4, 4), extreme(3, 2, 2, 2), extreme(3)),
]

BAD_CALLS = [
    BadCall(lambda: conv2d(IMAGE[0], FILTER), ShapeError, r"conv2d: x has 3 axes, expected 4 axes \(N C H W\)"),
    BadCall(lambda: conv2d(IMAGE, FILTER[0][0]), ShapeError, r"conv2d: weight has 2 axes, expected 4 axes \(O Cg kh kw\)"),
    BadCall(lambda: conv2d(IMAGE, FILTER, [1, 2]), ShapeError, r"conv2d: bias axis 0 \(O\) is 2, but weight axis 0 \(O\) is 1"),
    BadCall(lambda: conv2d(IMAGE, FILTER, [[1]]), ShapeError, r"conv2d: bias has 2 axes"),
    BadCall(lambda: conv2d(draw(1, 2, 3, 3), FILTER), ShapeError,
            r"conv2d: with groups=1, weight \(1, 1, 2, 2\) needs 1 channels .* got x \(1, 2, 3, 3\)"),
    BadCall(lambda: conv2d(draw(1, 2, 3, 3), draw(3, 1, 2, 2), groups=2), ShapeError,
            r"conv2d: with groups=2, .* a multiple of 2 filters; .* 3 filters"),
    BadCall(lambda: conv2d(FILTER, IMAGE), ShapeError, r"conv2d: a window of 3 x 3 does not fit into the padded image of 2 x 2"),
    BadCall(lambda: conv2d(IMAGE, FILTER, dilation=(1, 3)), ShapeError,
            r"conv2d: a window of 2 x 4 does not fit into the padded image of 3 x 3"),
    BadCall(lambda: conv2d(IMAGE, FILTER, stride=0), ValueError, r"conv2d: stride must be at least 1, got 0"),
    BadCall(lambda: conv2d(IMAGE, FILTER, stride=1.5), TypeError, r"conv2d: stride must be an integer, got 1.5"),
    BadCall(lambda: conv2d(IMAGE, FILTER, stride=True), TypeError, r"conv2d: stride must be an integer, got True"),
    BadCall(lambda: conv2d(IMAGE, FILTER, stride=(1, 1, 1)), ValueError, r"conv2d: stride must be one integer or a pair"),
    BadCall(lambda: conv2d(IMAGE, FILTER, padding=-1), ValueError, r"conv2d: padding must be at least 0, got -1"),
    BadCall(lambda: conv2d(IMAGE, FILTER, padding="full"), ValueError, r"conv2d: padding must be one of 'valid', 'same', got 'full'"),
    BadCall(lambda: conv2d(IMAGE, FILTER, padding="same", stride=2), ValueError,
            r"conv2d: padding 'same' needs stride 1, got stride \(2, 2\)"),
    BadCall(lambda: conv2d(IMAGE, FILTER, dilation=0), ValueError, r"conv2d: dilation must be at least 1, got 0"),
    BadCall(lambda: conv2d(IMAGE, FILTER, groups=0), ValueError, r"conv2d: groups must be at least 1, got 0"),
    BadCall(lambda: conv2d(IMAGE, FILTER, groups=None), TypeError, r"conv2d: groups must be an integer, got None"),
    BadCall(lambda: conv2d_backward(IMAGE, IMAGE, FILTER), ShapeError,
            r"conv2d_backward: dy is \(1, 1, 3, 3\), but the output is \(1, 1, 2, 2\)"),
    BadCall(lambda: conv2d_backward(draw(1, 2, 2, 2), IMAGE, FILTER), ShapeError,
            r"conv2d_backward: dy axis 1 \(O\) is 2, but weight axis 0 \(O\) is 1"),
    BadCall(lambda: conv2d_backward(FILTER, IMAGE, FILTER, stride=0), ValueError, r"conv2d_backward: stride must be at least 1"),
    BadCall(lambda: conv2d_backward(FILTER, IMAGE, FILTER, groups=2), ShapeError, r"conv2d_backward: with groups=2"),
]
