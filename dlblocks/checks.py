"""Checks that turn a bad call into one clear sentence: which function, which argument, what was expected, what came."""

import math
import numbers
import re
import sys
from functools import lru_cache

import numpy as np


class ShapeError(ValueError):
    """An array's shape does not fit the shape line of the function it was given to."""


def check_shapes(spec, **arrays):
    """Return ``arrays`` as floating-point arrays (None stays None), once their shapes fit ``spec``.

    ``spec`` is the shape line of a docstring: ``name: axes`` for each argument, separated by commas. An axis is a
    symbol (the same symbol is the same size everywhere), a multiple such as ``3*H``, or ``...`` for any
    leading axes (the same ones everywhere). ``| None`` after the axes makes an argument optional.
    Integers become float64; every other dtype is kept.

    Raises ShapeError for a wrong shape or an axis of length 0, TypeError for something that is not numbers.

    >>> from dlblocks.linear import linear
    >>> linear([[1, 2, 3]], [[1, 2], [3, 4]])
    Traceback (most recent call last):
    dlblocks.checks.ShapeError: linear: weight axis 0 (I) is 2, but x axis 1 (I) is 3; expected x: ... I, weight: I O, bias: O | None; got x (1, 3), weight (2, 2)
    """
    checked, sizes = [], {}
    for name, axes, optional in _parse(spec):
        if arrays[name] is None and optional:
            checked.append(None)
            continue
        array = as_floats(name, arrays[name])
        checked.append(array)
        if 0 in array.shape:
            raise ShapeError(f"{_caller()}: {name} has an axis of length 0; got shape {array.shape}")
        for symbol, factor, size, place in _pair_axes(axes, array.shape, lambda: _wrong_rank(name, axes, arrays)):
            label = symbol if factor == 1 else f"{factor}*{symbol}"
            if symbol not in sizes:
                if factor > 1 and size % factor:
                    raise ShapeError(f"{_caller()}: {name} axis {place} ({label}) is {size}, not a multiple of {factor}; "
                                     f"expected {spec}; got {_shapes(arrays)}")
                sizes[symbol] = size if factor == 1 else size // factor, f"{name} axis {place} ({label})"
            known, where = sizes[symbol]
            if size != (known if factor == 1 else factor * known):
                says = f"{where} is {known}" if "*" not in where and factor == 1 else f"{symbol} is {known} by {where}"
                raise ShapeError(f"{_caller()}: {name} axis {place} ({label}) is {size}, but {says}; expected {spec}; got {_shapes(arrays)}")
    return checked if len(checked) > 1 else checked[0]


def _pair_axes(axes, shape, wrong_rank):
    """Pair the axes of a shape line with the sizes of an array: (symbol, factor, size, place); ``...`` takes a tuple of sizes."""
    if "..." not in axes:
        if len(axes) != len(shape):
            raise wrong_rank()
        return [(symbol, factor, size, place) for place, ((symbol, factor), size) in enumerate(zip(axes, shape))]
    before, after = axes.index("..."), len(axes) - axes.index("...") - 1
    if len(shape) < before + after:
        raise wrong_rank()
    lead = len(shape) - after
    return [*_pair_axes(axes[:before], shape[:before], wrong_rank), ("...", 1, shape[before:lead], "..."),
            *((symbol, factor, size, lead + i) for i, ((symbol, factor), size) in enumerate(zip(axes[before + 1:], shape[lead:])))]


def as_array(name, value):
    """Return ``value`` as an array, or raise ShapeError if it is a ragged list."""
    try:
        return np.asarray(value)
    except ValueError:
        raise ShapeError(f"{_caller()}: {name} is not a rectangular array of numbers") from None


def as_floats(name, value):
    """Return ``value`` as an array of floating-point numbers: integers become float64, other dtypes are kept.

    Arrays of objects pass if every element is a number, so that `dlblocks.book.traced` can send its recording scalars.
    """
    array = as_array(name, value)
    kind = array.dtype.kind
    if kind == "f":
        return array
    if kind in "iu":
        return array.astype(np.float64)
    if kind == "O" and all(isinstance(item, numbers.Number) for item in array.flat):
        return value if isinstance(value, np.ndarray) else array
    raise TypeError(f"{_caller()}: {name} must hold real numbers, got {_kind(value, array)}")


def as_ids(name, value, size):
    """Return ``value`` as an integer array whose entries all lie in 0 .. size - 1, or raise IndexError (TypeError if not integers)."""
    array = as_array(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{_caller()}: {name} must hold integers, got {_kind(value, array)}")
    if 0 in array.shape:
        raise ShapeError(f"{_caller()}: {name} has an axis of length 0; got shape {array.shape}")
    wrong = (array < 0) | (array >= size)
    if wrong.any():
        raise IndexError(f"{_caller()}: {name} must lie in 0..{size - 1}, got {int(array[wrong].flat[0])}")
    return array


def check_option(name, value, *, low=None, high=None, below=None, integer=False):
    """Return the option ``value`` as a Python number, or raise TypeError or ValueError with the range it must lie in.

    Bounds: ``low <= value <= high`` and ``value < below``. Booleans are not numbers here.
    """
    wanted, kind = (numbers.Integral, "an integer") if integer else (numbers.Real, "a number")
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, wanted):
        raise TypeError(f"{_caller()}: {name} must be {kind}, got {value!r}")
    limits = [("at least", low), ("at most", high), ("below", below)]
    wrong = not math.isfinite(value) or (low is not None and value < low) or (high is not None and value > high) or (below is not None and value >= below)
    if wrong:
        said = " and ".join(f"{word} {limit}" for word, limit in limits if limit is not None) or "finite"
        raise ValueError(f"{_caller()}: {name} must be {said}, got {value}")
    return int(value) if integer else float(value)


def check_pair(name, value, low=1):
    """Return the option ``value``, one integer or a pair (height, width), as a pair of integers, each at least ``low``."""
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{_caller()}: {name} must be one integer or a pair (height, width), got {value!r}")
    return tuple(check_option(name, item, low=low, integer=True) for item in pair)


def check_choice(name, value, choices):
    """Return ``value`` if it is one of ``choices``, or raise ValueError that lists them."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{_caller()}: {name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


@lru_cache(maxsize=None)
def _parse(spec):
    """Turn a shape line into [(name, axes, optional)]; an axis is (symbol, factor), ``...`` stays itself."""
    entries = []
    for entry in spec.split(","):
        name, axes = entry.split(":")
        axes, _, optional = axes.partition("|")
        parsed = tuple(word if word == "..." else (word.split("*")[-1], int(word.split("*")[0]) if "*" in word else 1)
                       for word in axes.split())
        entries.append((name.strip(), parsed, bool(optional)))
    return tuple(entries)


def _caller():
    """The name of the block (or class) that asked for the check: the first frame outside this module that is no private helper."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__") == __name__ or re.match("_[^_]|<[^m]", frame.f_code.co_name):
        frame = frame.f_back
    name = frame.f_code.co_name
    return type(frame.f_locals["self"]).__name__ if name == "__init__" else name


def _wrong_rank(name, axes, arrays):
    words = ["..." if axis == "..." else axis[0] if axis[1] == 1 else f"{axis[1]}*{axis[0]}" for axis in axes]
    count = f"{len(words)} axes" if "..." not in words else f"at least {len(words) - 1} axes"
    return ShapeError(f"{_caller()}: {name} has {np.ndim(arrays[name])} axes, expected {count} ({' '.join(words)}); got {_shapes(arrays)}")


def _shapes(arrays):
    return ", ".join(f"{name} {np.shape(value)}" for name, value in arrays.items() if value is not None)


def _kind(value, array):
    return "None" if value is None else f"an array of {array.dtype}" if array.ndim else repr(value)
