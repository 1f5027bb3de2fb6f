"""Small printed aids that every chapter shares: the shape card and the text of an error."""

import numpy as np

from dlblocks.book import trace


def shape_card(fn, inputs, parameters=None):
    """Print the shapes of a block, its number of parameters, and its multiplications, counted in a recorded run of ``fn``.

    ``fn`` is the chapter's plain-loop function, ``inputs`` and ``parameters`` are dicts from argument name to array.
    """
    parameters = parameters or {}
    _, results = trace.run(fn, {**inputs, **parameters})
    rows = [("input", name, array) for name, array in inputs.items()]
    rows += [("parameter", name, array) for name, array in parameters.items()]
    rows += [("output", name, array) for name, array in results.items()]
    for kind, name, array in rows:
        print(f"{kind:<11}{name:<9} shape {np.shape(array)}")
    print(f"parameters in all: {sum(np.size(array) for array in parameters.values())}")
    print(f"multiplications: {multiplications(results)}")


def multiplications(results):
    """How many products were formed on the way to ``results`` (object arrays of recorded numbers); each one counts once."""
    todo, seen, count = [node for array in results.values() for node in array.flat], set(), 0
    while todo:
        node = todo.pop()
        if isinstance(node, trace.Num) and id(node) not in seen:
            seen.add(id(node))
            count += node.op == "*"
            todo += node.operands
    return count


def error_of(f, *arguments, **options):
    """The error that ``f`` raises for these arguments, as ``"Type: message"``; if it raises none, that is the error."""
    try:
        f(*arguments, **options)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError(f"{f.__name__} raised nothing")
