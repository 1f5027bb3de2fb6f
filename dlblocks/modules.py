"""What all layers and networks share: finding their parameters, training and evaluation, saving and loading."""

from types import SimpleNamespace

import numpy as np

import dlblocks.functional as F
from dlblocks.autograd import Tensor, differentiable
from dlblocks.checks import ShapeError
from dlblocks.preprocessing import as_generator

# every block as a function of tensors: ops.relu, ops.cross_entropy and so on
ops = SimpleNamespace(**{name: differentiable(getattr(F, name), getattr(F, f"{name}_backward"))
                         for name in F.__all__ if hasattr(F, f"{name}_backward")})

class Module:
    """A layer or a network. Its tensors are its parameters, its arrays its other numbers, its modules its parts (in lists too)."""

    training = True

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def members(self):
        """Each attribute with its name, and each item of a list with its place."""
        for name, value in vars(self).items():
            yield from ((f"{name}.{i}", item) for i, item in enumerate(value)) if isinstance(value, (list, tuple)) else [(name, value)]

    def modules(self, path=""):
        """Each module with its path, this one (of empty path) first."""
        yield path, self
        for name, value in self.members():
            if isinstance(value, Module):
                yield from value.modules(f"{path}.{name}".lstrip("."))

    def parameters(self):
        """Each parameter once."""
        return list(dict.fromkeys(value for _, module in self.modules() for _, value in module.members() if isinstance(value, Tensor)))

    def train(self, training=True):
        for _, module in self.modules():
            module.training = training
        return self

    def eval(self):
        return self.train(False)

    def state_dict(self):
        """Copies of all numbers by name, for `numpy.savez`."""
        return {key: np.array(value.data if isinstance(value, Tensor) else value) for key, (_, _, value) in self._numbers().items()}

    def load_state_dict(self, state):
        """Take the numbers of `state_dict` (or of `numpy.load`); each name and each shape must fit."""
        numbers = self._numbers()
        if set(state) != set(numbers):
            raise ValueError(f"load_state_dict: missing {sorted(set(numbers) - set(state))}, unknown {sorted(set(state) - set(numbers))}")
        for key, (_, _, value) in numbers.items():
            if np.shape(state[key]) != value.shape:
                raise ShapeError(f"load_state_dict: {key} must have shape {value.shape}, got {np.shape(state[key])}")
        self._convert(lambda key, array: np.array(state[key], dtype=array.dtype))

    def to(self, dtype):
        """Turn all floating-point numbers into ``dtype``, for instance numpy.float32."""
        self._convert(lambda key, array: array.astype(dtype) if array.dtype.kind == "f" else array)
        return self

    def _numbers(self):
        return {f"{path}.{name}".lstrip("."): (module, name, value) for path, module in self.modules() for name, value in module.members()
                if isinstance(value, Tensor) or (isinstance(value, np.ndarray) and name in vars(module))}

    def _convert(self, new):
        for key, (module, name, value) in self._numbers().items():
            if isinstance(value, Tensor):
                value.data = new(key, value.data)
            else:
                setattr(module, name, new(key, value))

    def _uniform(self, rng, bound, *shape):
        return Tensor(as_generator(rng, type(self).__name__).uniform(-bound, bound, shape))


class Sequential(Module):
    """Modules, or any functions of a tensor, one after another."""

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
