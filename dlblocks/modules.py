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
    """A layer or a network. Its tensors are its parameters, its arrays its other numbers, its modules (in lists too) its parts."""

    training = True

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def modules(self, path=""):
        """Each module with its path, this one (of empty path) first."""
        yield path, self
        for name, value in vars(self).items():
            for i, part in enumerate(value) if isinstance(value, (list, tuple)) else [("", value)]:
                if isinstance(part, Module):
                    yield from part.modules(".".join(str(step) for step in (path, name, i) if step != ""))

    def parameters(self):
        """Each parameter once, in the order in which they were made."""
        return list(dict.fromkeys(value for _, module in self.modules() for value in vars(module).values() if isinstance(value, Tensor)))

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
        """Turn all numbers into ``dtype``, for instance numpy.float32."""
        self._convert(lambda key, array: array.astype(dtype))
        return self

    def _numbers(self):
        return {f"{path}.{name}".lstrip("."): (module, name, value) for path, module in self.modules()
                for name, value in vars(module).items() if isinstance(value, (Tensor, np.ndarray))}

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
