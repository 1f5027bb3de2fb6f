"""The arithmetic of tensors, each operation beside its backward: ``+ - * @ sum mean reshape transpose []``."""

import numpy as np

from dlblocks.autograd import Tensor, differentiable
from dlblocks.checks import ShapeError


def add(a, b):
    _check_stretch(a, b)
    return np.add(a, b)


def add_backward(dy, a, b):
    return _fit(dy, a), _fit(dy, b)


def multiply(a, b):
    _check_stretch(a, b)
    return np.multiply(a, b)


def multiply_backward(dy, a, b):
    return _fit(dy * b, a), _fit(dy * a, b)


def matmul(a, b):
    return a @ b


def matmul_backward(dy, a, b):
    rows = a if a.ndim > 1 else a[None]  # a vector on the left is one row, on the right one column
    columns = b if b.ndim > 1 else b[:, None]
    if a.ndim == 1:
        dy = np.expand_dims(dy, -1 if b.ndim == 1 else -2)
    if b.ndim == 1:
        dy = np.expand_dims(dy, -1)
    da = _fit(dy @ columns.swapaxes(-1, -2), rows)
    db = _fit(rows.swapaxes(-1, -2) @ dy, columns)
    return da.reshape(a.shape), db.reshape(b.shape)


def total(x, axis=None, keepdims=False):
    return x.sum(axis=axis, keepdims=keepdims)


def total_backward(dy, x, axis=None, keepdims=False):
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    return np.broadcast_to(dy, x.shape).copy()


def mean(x, axis=None, keepdims=False):
    y = x.sum(axis, keepdims)
    return y * (y.data.size / x.data.size)


def reshape(x, *shape):
    return x.reshape(*shape)


def reshape_backward(dy, x, *shape):
    return dy.reshape(x.shape)


def transpose(x, *axes):
    return x.transpose(*axes)


def transpose_backward(dy, x, *axes):
    return dy.transpose(np.argsort([axis % x.ndim for axis in axes]) if axes else None)


def getitem(x, index):
    return x[index]


def getitem_backward(dy, x, index):
    dx = np.zeros_like(x)
    np.add.at(dx, index, dy)  # an index may occur twice
    return dx


def _check_stretch(a, b):
    """Let one operand be stretched to the other's shape, never both: (3,) and (3, 1) would quietly become (3, 3)."""
    shapes = np.shape(a), np.shape(b)
    if np.broadcast_shapes(*shapes) not in shapes:
        raise ShapeError(f"Tensor: neither of the shapes {shapes[0]} and {shapes[1]} stretches to the other")


def _fit(dy, x):
    """Sum a gradient over the axes along which x was stretched."""
    dy = dy.sum(axis=tuple(range(dy.ndim - np.ndim(x)))) if dy.ndim > np.ndim(x) else dy
    stretched = tuple(i for i, n in enumerate(np.shape(x)) if n < dy.shape[i])
    return dy.sum(axis=stretched, keepdims=True) if stretched else dy


Tensor.__add__ = Tensor.__radd__ = differentiable(add, add_backward)
Tensor.__mul__ = Tensor.__rmul__ = differentiable(multiply, multiply_backward)
Tensor.__neg__ = lambda a: a * -1
Tensor.__sub__ = lambda a, b: a + -b
Tensor.__rsub__ = lambda b, a: -b + a
Tensor.__matmul__ = differentiable(matmul, matmul_backward)
Tensor.__rmatmul__ = lambda b, a: Tensor(a) @ b
Tensor.sum = differentiable(total, total_backward)
Tensor.mean = mean
Tensor.reshape = differentiable(reshape, reshape_backward)
Tensor.transpose = differentiable(transpose, transpose_backward)
Tensor.__getitem__ = differentiable(getitem, getitem_backward)
