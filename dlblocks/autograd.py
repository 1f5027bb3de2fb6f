"""The tape: each tensor remembers which tensors it was made from, and `backward` walks that history from its end to its beginning."""

from functools import wraps
from inspect import signature
from itertools import count

import numpy as np

from dlblocks.checks import ShapeError, as_floats


class Tensor:
    """Numbers in ``data``, their gradient in ``grad`` (None before `backward`), and where they come from.

    ``parents`` are the tensors that this one was made from; ``pull`` turns its gradient into theirs. Operations come from
    `differentiable`; `dlblocks.operators` makes ``+ - * @ sum mean reshape transpose []`` with it.

    >>> x = Tensor([1, 2, 3])
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.])
    """

    __array_ufunc__ = None  # array + tensor must ask the tensor, not add it to each element
    clock = count()

    def __init__(self, data, parents=(), pull=None):
        self.data = data if isinstance(data, tuple) else as_floats("data", data)
        self.grad, self.parents, self.pull = None, parents, pull
        self.born = next(Tensor.clock)  # parents are always older than what was made from them

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
        history, found = {self}, [self]
        for tensor in found:  # the list grows while we walk along it
            new = set(tensor.parents) - history
            history |= new
            found += new
        computed = sorted((tensor for tensor in history if tensor.parents), key=lambda tensor: tensor.born, reverse=True)
        for tensor in computed:
            tensor.grad = None  # only what was not computed keeps the gradients of earlier calls
        self._collect(grad)
        for tensor in computed:  # youngest first: when a tensor's turn comes, everything made from it has paid in
            for parent, gradient in zip(tensor.parents, tensor.pull(tensor.grad)):
                parent._collect(gradient)

    def _collect(self, gradient):
        self.grad = gradient if self.grad is None else _each(np.add, self.grad, gradient)


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

        def pull(dy):
            gradients = f_backward(dy, *call.args, **call.kwargs)
            by_name = dict(zip(names, gradients if isinstance(gradients, tuple) else (gradients,)))
            if not tensors.keys() <= by_name.keys():
                unknown = ", ".join(tensors.keys() - by_name.keys())
                raise TypeError(f"{f.__name__} has no gradient for {unknown}; give an array, not a Tensor")
            return [by_name[name] for name in tensors]

        return _parts(Tensor(f(*call.args, **call.kwargs), tuple(tensors.values()), pull))

    return operation


def _parts(tensor):
    """Take a nested result apart. A part sends back a nested gradient too: its own in its place, zeros in the others."""
    def part(i):
        def pull(dy):
            zeros = _each(np.zeros_like, whole)
            return [(*zeros[:i], dy, *zeros[i + 1:])]
        return _parts(Tensor(whole[i], (tensor,), pull))

    whole = tensor.data
    return tuple(map(part, range(len(whole)))) if isinstance(whole, tuple) else tensor


def _each(f, *nests):
    """Apply ``f`` to arrays, or to tuples of arrays place by place."""
    return tuple(_each(f, *parts) for parts in zip(*nests)) if isinstance(nests[0], tuple) else f(*nests)


import dlblocks.operators  # last, for it needs Tensor, and gives it + - * @ and the rest
