"""The one table of block cases: each module of this package, named like the module of `dlblocks` it tests, gives CASES and BAD_CALLS.

A Case runs through every proof of test_blocks.py; a BadCall must end in the error it names.
"""

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import Callable

import numpy as np


def draw(*shape, seed=0):
    """Normal draws with exact zeros, ties and large magnitudes among them: the inputs on which gradients go wrong."""
    x = np.random.default_rng([seed, *shape]).standard_normal(shape)
    flat = x.reshape(-1)
    flat[::7] = 0.0  # kinks
    flat[3::11] = flat[2::11][:flat[3::11].size]  # ties
    return x


def extreme(*shape, seed=0):
    """Draws of magnitude 1e4, zeros among them, for the blocks that must stay finite there."""
    return 1e4 * draw(*shape, seed=seed)


@dataclass
class Case:
    """One call of a block and what PyTorch calls it.

    ``torch`` takes the inputs as tensors (arrays of integers and booleans too) and the options, and returns what ``f``
    returns, in PyTorch's own layout or ours; it imports torch itself, so that the table stands without it.
    ``smooth`` is False where finite differences are meaningless: kinks, ties or large magnitudes among the inputs.
    """

    name: str
    f: Callable
    f_backward: Callable
    inputs: tuple
    torch: Callable
    options: dict = field(default_factory=dict)
    smooth: bool = True


@dataclass
class BadCall:
    """A call that must raise ``error`` with a message that matches the regular expression ``message``."""

    call: Callable
    error: type
    message: str


CASES, BAD_CALLS = [], []
for _module in pkgutil.iter_modules(__path__, __name__ + "."):
    _loaded = importlib.import_module(_module.name)
    CASES += _loaded.CASES
    BAD_CALLS += _loaded.BAD_CALLS
