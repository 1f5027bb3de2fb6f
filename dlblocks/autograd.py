"""The tape: each tensor remembers which tensors it was made from, and `backward` walks that history from its end to its beginning."""

from functools import wraps
from inspect import signature
from itertools import count

import numpy as np

from dlblocks.checks import ShapeError, as_floats


class Tensor:
    """Numbers in ``data``, their gradient in ``grad`` (None before `backward`), and where they come from.

    ``parents`` are the tensors that this one was made from; ``pull`` turns its gradient into theirs.
    Tensors know ``+ - * @ sum mean reshape transpose []``; every other operation comes from `differentiable`.

    >>> x = Tensor([1, 2, 3])
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.])
    """

    __array_ufunc__ = None  # array + tensor must ask the tensor, not add it to each element
    _clock = count()

    def __init__(self, data, parents=(), pull=None):
        self.data = data if isinstance(data, tuple) else as_floats("data", data)
        self.grad, self.parents, self.pull, self.born = None, parents, pull, next(Tensor._clock)

    def __repr__(self):
        return f"Tensor({self.data})"

    @property
    def shape(self):
        return self.data.shape

    def backward(self, grad=None):
        """Add to the ``grad`` of every tensor in the history the gradient of this one (times ``grad``, 1 for a single number)."""
        grad = np.ones_like(self.data) if grad is None and self.data.size == 1 else np.asarray(grad)
        if grad.shape != self.shape:
            raise ShapeError(f"backward: a tensor of shape {self.shape} needs a grad of that shape, got {grad.shape}")
        history, found = set(), [self]
        while found:
            tensor = found.pop()
            if tensor not in history:
                history.add(tensor)
                found += tensor.parents
        computed = sorted((tensor for tensor in history if tensor.parents), key=lambda tensor: -tensor.born)
        for tensor in computed:
            tensor.grad = None  # only what was not computed keeps the gradients of earlier calls
        self.grad = _add(self.grad, grad)
        for tensor in computed:
            for parent, gradient in zip(tensor.parents, tensor.pull(tensor.grad)):
                parent.grad = _add(parent.grad, gradient)


def differentiable(f, f_backward):
    """Turn a block and its backward into a function of tensors (or arrays) whose result remembers its history.

    ``f_backward(dy, *inputs_of_f)`` gives gradients in the order of f's parameters, ``ids`` left out; what stands after them
    (targets, masks, options) has none and is given as plain arrays. A nested result becomes nested tensors.

    >>> double = differentiable(lambda x: 2 * x, lambda dy, x: 2 * dy)
    >>> x = Tensor([1, 2])
    >>> double(double(x)).sum().backward()
    >>> x.grad
    array([4., 4.])
    """
    parameters = signature(f)
    names = [name for name in parameters.parameters if name != "ids"]

    @wraps(f)
    def operation(*args, **options):
        call = parameters.bind(*args, **options)
        tensors = {name: value for name, value in call.arguments.items() if isinstance(value, Tensor)}
        call.arguments.update({name: tensor.data for name, tensor in tensors.items()})
        y = f(*call.args, **call.kwargs)

        def pull(dy):
            gradients = f_backward(_filled(dy, y), *call.args, **call.kwargs)
            by_name = dict(zip(names, gradients if isinstance(gradients, tuple) else (gradients,)))
            if not tensors.keys() <= by_name.keys():
                unknown = ", ".join(tensors.keys() - by_name.keys())
                raise TypeError(f"{f.__name__} has no gradient for {unknown}; give an array, not a Tensor")
            return [by_name[name] for name in tensors]

        return _parts(Tensor(y, tuple(tensors.values()), pull))

    return operation


def _parts(tensor):
    """Take a tensor of nested data apart; a part sends back a tuple with its gradient and None in the other places."""
    if not isinstance(tensor.data, tuple):
        return tensor
    places = range(len(tensor.data))
    return tuple(_parts(Tensor(tensor.data[i], (tensor,), lambda dy, i=i: [tuple(dy if j == i else None for j in places)])) for i in places)


def _filled(dy, y):
    """Put zeros where no gradient came back: a part of the result that nobody used."""
    if isinstance(y, tuple):
        return tuple(map(_filled, dy or (None,) * len(y), y))
    return np.zeros_like(y) if dy is None else dy


def _add(a, b):
    if a is None or b is None:
        return b if a is None else a
    return tuple(map(_add, a, b)) if isinstance(a, tuple) else a + b


def _stretch(a, b):
    """Let one operand be stretched to the other's shape, never both: (3,) and (3, 1) would quietly become (3, 3)."""
    shapes = np.shape(a), np.shape(b)
    if np.broadcast_shapes(*shapes) not in shapes:
        raise ShapeError(f"Tensor: neither of the shapes {shapes[0]} and {shapes[1]} stretches to the other")
    return a, b


def _fit(dy, x):
    """Sum a gradient over the axes along which x was stretched."""
    dy = dy.sum(axis=tuple(range(dy.ndim - np.ndim(x)))) if dy.ndim > np.ndim(x) else dy
    stretched = tuple(i for i, n in enumerate(np.shape(x)) if n < dy.shape[i])
    return dy.sum(axis=stretched, keepdims=True) if stretched else dy


def _matmul_backward(dy, a, b):
    rows, columns = a if a.ndim > 1 else a[None], b if b.ndim > 1 else b[:, None]
    dy = dy.reshape(*(dy.shape[:dy.ndim - (a.ndim > 1) - (b.ndim > 1)]), rows.shape[-2], columns.shape[-1])
    return _fit(dy @ columns.swapaxes(-1, -2), rows).reshape(a.shape), _fit(rows.swapaxes(-1, -2) @ dy, columns).reshape(b.shape)


def _sum_backward(dy, x, axis=None, keepdims=False):
    return np.broadcast_to(dy if axis is None or keepdims else np.expand_dims(dy, axis), x.shape).copy()


def _mean(x, axis=None, keepdims=False):
    y = x.sum(axis, keepdims)
    return y * (y.data.size / x.data.size)


def _getitem_backward(dy, x, index):
    dx = np.zeros_like(x)
    np.add.at(dx, index, dy)  # an index may occur twice
    return dx


Tensor.__add__ = Tensor.__radd__ = differentiable(lambda a, b: np.add(*_stretch(a, b)), lambda dy, a, b: (_fit(dy, a), _fit(dy, b)))
Tensor.__mul__ = Tensor.__rmul__ = differentiable(lambda a, b: np.multiply(*_stretch(a, b)),
                                                  lambda dy, a, b: (_fit(dy * b, a), _fit(dy * a, b)))
Tensor.__matmul__ = differentiable(lambda a, b: a @ b, _matmul_backward)
Tensor.__rmatmul__ = lambda b, a: Tensor(a) @ b
Tensor.__neg__ = lambda a: a * -1
Tensor.__sub__ = lambda a, b: a + -b
Tensor.__rsub__ = lambda b, a: -b + a
Tensor.__getitem__ = differentiable(lambda x, index: x[index], _getitem_backward)
Tensor.sum = differentiable(lambda x, axis=None, keepdims=False: x.sum(axis=axis, keepdims=keepdims), _sum_backward)
Tensor.mean = _mean
Tensor.reshape = differentiable(lambda x, *shape: x.reshape(*shape), lambda dy, x, *shape: dy.reshape(x.shape))
Tensor.transpose = differentiable(lambda x, *axes: x.transpose(*axes),
                                  lambda dy, x, *axes: dy.transpose(np.argsort([axis % x.ndim for axis in axes]) if axes else None))
