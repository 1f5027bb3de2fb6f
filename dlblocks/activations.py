"""Activations: functions of one number, applied to every entry of an array (gelu and the softmaxes are handed on from their own files).

Each takes x of any shape and returns y of the same; its backward takes dy and x of one shape and multiplies dy by the slope at x.
All raise TypeError for x, dy or an option that is not numbers; the backwards raise ShapeError if the shapes differ.
"""

import numpy as np

from dlblocks.checks import check_option, check_shapes
from dlblocks.gelu import gelu, gelu_backward  # noqa: F401
from dlblocks.softmax import log_softmax, log_softmax_backward, softmax, softmax_backward  # noqa: F401


def relu(x):
    """Replace negative numbers by 0: ``y = max(x, 0)``. Shapes: x: ...; returns the same. Source: Nair and Hinton (2010).

    >>> relu([-1, 0, 1, 2])
    array([0., 0., 1., 2.])
    """
    x = check_shapes("x: ...", x=x)
    return np.maximum(x, np.zeros_like(x))  # twice as fast as np.maximum(x, 0)


def relu_backward(dy, x):
    """Gradient of `relu`: ``dx = dy`` where x > 0, else 0 (at 0 too, as in PyTorch). Shapes: dy: ..., x: ...

    >>> relu_backward([1, 1, 1, 1], [-1, 0, 1, 2])
    array([0., 0., 1., 1.])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    return _where_positive(x, dy) + 0  # + 0 makes 0 of -0


def leaky_relu(x, negative_slope=0.01):
    """Scale negative numbers down: ``y = x`` where x > 0, else ``negative_slope * x``. Shapes: x: ... Source: Maas, Hannun and Ng (2013).

    >>> leaky_relu([-1, 0, 1, 2], 0.25)
    array([-0.25,  0.  ,  1.  ,  2.  ])
    """
    x = check_shapes("x: ...", x=x)
    slope = check_option("negative_slope", negative_slope)
    return (np.maximum if slope <= 1 else np.minimum)(x, slope * x)


def leaky_relu_backward(dy, x, negative_slope=0.01):
    """Gradient of `leaky_relu`: ``dx = dy`` where x > 0, else ``negative_slope * dy``. Shapes: dy: ..., x: ...

    >>> leaky_relu_backward([1, 1, 1, 1], [-1, 0, 1, 2], 0.25)
    array([0.25, 0.25, 1.  , 1.  ])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    dx = _where_positive(x, dy)
    rest = dy - dx
    rest *= check_option("negative_slope", negative_slope)
    dx += rest
    return dx


def elu(x, alpha=1.0):
    """Bend negative numbers towards -alpha: ``y = x`` where x > 0, else ``alpha * (exp(x) - 1)``. Shapes: x: ...

    Source: Clevert, Unterthiner and Hochreiter (2016).

    >>> elu([-1, 0, 1, 2]).round(4)
    array([-0.6321,  0.    ,  1.    ,  2.    ])
    """
    x = check_shapes("x: ...", x=x)
    y = np.expm1(np.minimum(x, np.zeros_like(x)))
    y *= check_option("alpha", alpha)
    y += relu(x)
    return y


def elu_backward(dy, x, alpha=1.0):
    """Gradient of `elu`: ``dx = dy`` where x > 0, else ``alpha * exp(x) * dy``. Shapes: dy: ..., x: ...

    >>> elu_backward([1, 1, 1, 1], [-1, 0, 1, 2]).round(4)
    array([0.3679, 1.    , 1.    , 1.    ])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    dx = _where_positive(x, dy)
    rest = np.exp(np.minimum(x, np.zeros_like(x)))
    rest *= check_option("alpha", alpha)
    dx += rest * (dy - dx)
    return dx


def sigmoid(x):
    """Squeeze numbers between 0 and 1: ``y = 1 / (1 + exp(-x))``. Shapes: x: ... Source: Rumelhart, Hinton and Williams (1986), equation 2.

    >>> sigmoid([-1, 0, 1, 2]).round(4)
    array([0.2689, 0.5   , 0.7311, 0.8808])
    """
    x = check_shapes("x: ...", x=x)
    with np.errstate(over="ignore"):  # exp(1000) is inf, and 1 / inf the right 0
        y = np.exp(-x)
    y += 1
    return 1 / y


def sigmoid_backward(dy, x):
    """Gradient of `sigmoid`: ``dx = dy * y * (1 - y)``. Shapes: dy: ..., x: ...

    >>> sigmoid_backward([1, 1, 1, 1], [-1, 0, 1, 2]).round(4)
    array([0.1966, 0.25  , 0.1966, 0.105 ])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    y = sigmoid(x)
    slope = 1 - y
    slope *= y
    return slope * dy


def tanh(x):
    """Squeeze numbers between -1 and 1: ``y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))``. Shapes: x: ...

    Source: LeCun, Bottou, Orr and Müller (1998), Efficient BackProp, section 4.4.

    >>> tanh([-1, 0, 1, 2]).round(4)
    array([-0.7616,  0.    ,  0.7616,  0.964 ])
    """
    x = check_shapes("x: ...", x=x)
    return np.tanh(x)


def tanh_backward(dy, x):
    """Gradient of `tanh`: ``dx = dy * (1 - y**2)``. Shapes: dy: ..., x: ...

    >>> tanh_backward([1, 1, 1, 1], [-1, 0, 1, 2]).round(4)
    array([0.42  , 1.    , 0.42  , 0.0707])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    y = np.tanh(x)
    y *= y
    return (1 - y) * dy


def softplus(x):
    """A smooth ReLU: ``y = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))``. Shapes: x: ... Source: Dugas et al. (2001).

    >>> softplus([-1, 0, 1, 2]).round(4)
    array([0.3133, 0.6931, 1.3133, 2.1269])
    """
    x = check_shapes("x: ...", x=x)
    y = np.log1p(np.exp(-np.abs(x)))
    y += relu(x)
    return y


def softplus_backward(dy, x):
    """Gradient of `softplus`: ``dx = dy * sigmoid(x)``. Shapes: dy: ..., x: ...

    >>> softplus_backward([1, 1, 1, 1], [-1, 0, 1, 2]).round(4)
    array([0.2689, 0.5   , 0.7311, 0.8808])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    return sigmoid(x) * dy


def silu(x):
    """Let a number pass by its own sigmoid (also called Swish): ``y = x * sigmoid(x)``. Shapes: x: ...

    Source: Elfwing, Uchibe and Doya (2018).

    >>> silu([-1, 0, 1, 2]).round(4)
    array([-0.2689,  0.    ,  0.7311,  1.7616])
    """
    x = check_shapes("x: ...", x=x)
    with np.errstate(over="ignore"):  # as in sigmoid
        y = np.exp(-x)
    y += 1
    return x / y


def silu_backward(dy, x):
    """Gradient of `silu`: ``dx = dy * s * (1 + x * (1 - s))`` with ``s = sigmoid(x)``. Shapes: dy: ..., x: ...

    >>> silu_backward([1, 1, 1, 1], [-1, 0, 1, 2]).round(4)
    array([0.0723, 0.5   , 0.9277, 1.0908])
    """
    x, dy = check_shapes("x: ..., dy: ...", x=x, dy=dy)
    s = sigmoid(x)
    slope = 1 - s
    slope *= x
    slope += 1
    slope *= s
    return slope * dy


def _where_positive(x, dy):
    """dy where x > 0, else 0. A product, because np.where takes ten times as long when the signs of x follow no pattern."""
    dx = (x > 0).astype(np.result_type(x, dy))
    dx *= dy
    return dx
