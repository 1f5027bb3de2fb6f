"""Numbers that explain themselves: run a plain-loop function on recording scalars and show where each result came from."""

import html
import json
import math
import numbers

import numpy as np

from dlblocks.book.widgets import Display

BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 3, "**": 4}


class Num:
    """A number that remembers the operation and the operands it came from.

    It follows its value in comparisons and as an index. Arithmetic with it, and NumPy's ``exp``, ``log``, ``tanh``,
    ``sqrt``, ``maximum`` and ``minimum`` of it, give a Num again. ``name`` is the cell it stands in, if it stands in one.
    """

    __slots__ = ("value", "op", "operands", "name")

    def __init__(self, value, op=None, operands=(), name=None):
        self.value, self.op, self.operands, self.name = value, op, operands, name

    def __add__(self, other): return _binary("+", self, other, lambda a, b: a + b)
    def __radd__(self, other): return _binary("+", other, self, lambda a, b: a + b)
    def __sub__(self, other): return _binary("-", self, other, lambda a, b: a - b)
    def __rsub__(self, other): return _binary("-", other, self, lambda a, b: a - b)
    def __mul__(self, other): return _binary("*", self, other, lambda a, b: a * b)
    def __rmul__(self, other): return _binary("*", other, self, lambda a, b: a * b)
    def __truediv__(self, other): return _binary("/", self, other, lambda a, b: a / b)
    def __rtruediv__(self, other): return _binary("/", other, self, lambda a, b: a / b)
    def __pow__(self, other): return _binary("**", self, other, lambda a, b: a ** b)
    def __neg__(self): return Num(-self.value, "negative", (self,))
    def __pos__(self): return self
    def __abs__(self): return _call("abs", abs, self)
    def exp(self): return _call("exp", math.exp, self)
    def log(self): return _call("log", math.log, self)
    def tanh(self): return _call("tanh", math.tanh, self)
    def sqrt(self): return _call("sqrt", math.sqrt, self)
    def conjugate(self): return self

    def __lt__(self, other): return self.value < _value(other)
    def __le__(self, other): return self.value <= _value(other)
    def __gt__(self, other): return self.value > _value(other)
    def __ge__(self, other): return self.value >= _value(other)
    def __eq__(self, other): return self.value == _value(other)
    def __hash__(self): return id(self)
    def __bool__(self): return bool(self.value)
    def __index__(self): return int(self.value)
    def __repr__(self): return number(self.value)

    def __float__(self):
        raise TypeError("traced: a recording scalar was written into an array of plain floats and would forget its origin; "
                        "allocate results with np.zeros(shape, dtype=x.dtype) or np.zeros_like(x, shape=shape)")

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return _ufunc(ufunc, method, inputs, options)


numbers.Real.register(Num)


class Record(np.ndarray):
    """An object array of Num that sends NumPy's maximum and minimum through them, and notes a Num used as an index."""

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return _ufunc(ufunc, method, inputs, options)

    def __getitem__(self, key):
        parts = key if isinstance(key, tuple) else (key,)
        chosen = [part for part in parts if isinstance(part, Num)]
        item = super().__getitem__(tuple(int(part.value) if isinstance(part, Num) else part for part in parts) if chosen else key)
        if not chosen:
            return item
        pick = lambda cell: Num(_value(cell), "pick", (cell, *chosen))
        return _each(pick, item).view(Record) if isinstance(item, np.ndarray) else pick(item)


def record(name, array):
    """Return ``array`` as a Record whose cells are named ``name[i, j]`` (``name`` alone for a single number)."""
    array = np.asarray(array)
    cells = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        cells[index] = Num(array[index].item(), name=cell_name(name, index))
    return cells.view(Record)


def cell_name(name, index):
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def run(fn, arrays):
    """Call ``fn`` on recording arrays; return (inputs, results): dicts from a name to an object array of named Num.

    ``fn`` returns a dict of named intermediates and results, in the order in which the page shows them, or one array, called y.
    """
    inputs = {name: record(name, array) for name, array in arrays.items()}
    returned = fn(**inputs)
    results = {}
    for name, array in (returned if isinstance(returned, dict) else {"y": returned}).items():
        if name in inputs:
            raise ValueError(f"traced: {name} is an input and a result; give the result another name")
        array = np.asarray(array, dtype=object)
        cells = np.empty(array.shape, dtype=object)
        for index in np.ndindex(array.shape):
            node = array[index]
            if not isinstance(node, Num) or node.name:  # a constant, or a cell that is handed on unchanged
                node = Num(_value(node), "same", (node,))
            node.name = cell_name(name, index)
            cells[index] = node
        results[name] = cells
    return inputs, results


def explain(node):
    """Return (names, arithmetic, operands) of a cell: its formula in names, with the numbers put in, and the cells it used.

    >>> x, w = record("x", [1, 2]), record("w", [3, -4])
    >>> y = x @ w
    >>> y.name = "y"
    >>> explain(y)
    ('y = x[0]*w[0] + x[1]*w[1]', 'y = 1*3 + 2*(-4) = -5', ['x[0]', 'w[0]', 'x[1]', 'w[1]'])
    """
    if node.op is None:
        return f"{node.name} is given", f"{node.name} = {number(node.value)}", []
    operands = list(dict.fromkeys(part.name for part in _operands(node)))
    shown, result = _expression(node, False), number(node.value)
    arithmetic = f"{node.name} = {shown}" + ("" if shown == result else f" = {result}")
    return f"{node.name} = {_expression(node, True)}", arithmetic, operands


def number(value):
    """A number as the book prints it: to four decimals, without them if they are zeros; three digits below 0.001.

    Fewer than four decimals mean that the number is exact.

    >>> number(3.0), number(0.731058), number(-0.5), number(0.99999), number(0.00001234)
    ('3', '0.7311', '-0.5', '1.0000', '1.23e-05')
    """
    value = float(value)
    if abs(value - round(value, 4)) < 1e-12 * max(1.0, abs(value)):
        text = f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".")
        return text if math.isfinite(value) else str(value)
    return f"{value:.2e}" if abs(value) < 1e-3 else f"{value:.4f}"


def traced(fn, layout=None, **arrays):
    """Run ``fn`` on recording scalars and show its arrays as tables in which every cell explains itself.

    ``layout`` places the tables as on a page grid: rows of names, ``"."`` for an empty place, as in
    `matplotlib.pyplot.subplot_mosaic`: ``[[".", "weight"], ["x", "y"]]`` puts y where x's row and the weight's column
    cross. Without it the inputs stand in one row and the results in the next.
    """
    return Traced(fn, layout, arrays)


class Traced(Display):
    """The tables of one run, their explanations, and their faces: text, and HTML that lights up a chosen cell's operands."""

    kind = "traced"

    def __init__(self, fn, layout, arrays):
        self.inputs, self.results = run(fn, arrays)
        self.arrays = {**self.inputs, **self.results}
        self.layout = [list(row) for row in layout] if layout else [list(self.inputs), list(self.results)]
        placed = [name for row in self.layout for name in row if name != "."]
        if sorted(placed) != sorted(self.arrays):
            raise ValueError(f"traced: layout must place each of {', '.join(self.arrays)} once, got {', '.join(placed)}")
        self.explanations = {node.name: explain(node) for cells in self.arrays.values() for node in cells.flat}
        self.first = next(iter(self.results.values())).flat[0].name

    def values(self, name):
        """The numbers of one table as a plain array."""
        cells = self.arrays[name]
        return np.array([node.value for node in cells.flat]).reshape(cells.shape)

    def text(self):
        tables = [text_table(name, cells) for name, cells in self.arrays.items()]
        return "\n".join([*tables, self.explanations[self.first][1]])

    def html(self):
        names, arithmetic, operands = self.explanations[self.first]
        marks = {self.first: ' aria-selected="true"', **{cell: ' data-operand=""' for cell in operands}}
        tab_stop = {cells.flat[0].name for cells in self.arrays.values()}
        cell = lambda node: (f'<td data-cell="{node.name}" tabindex="{0 if node.name in tab_stop else -1}"{marks.get(node.name, "")}>'
                             f"{html.escape(number(node.value))}</td>")
        columns = max(map(len, self.layout))
        blocks = []
        for row, line in enumerate(self.layout, 1):
            for column, name in enumerate(line, 1):
                if name != ".":
                    role = "input" if name in self.inputs else "result"
                    blocks.append(f'<div class="traced-array" data-role="{role}" style="grid-area: {row} / {column}">'
                                  f"{html_tables(name, self.arrays[name], cell)}</div>")
        return (f'<figure class="traced" data-lm-suppress-shortcuts="true"><div class="traced-grid" style="--columns: {columns}">{"".join(blocks)}</div>'
                f'<p class="traced-names">{html.escape(names)}</p>'
                f'<p class="traced-arithmetic" aria-live="polite">{html.escape(arithmetic)}</p>'
                f'<script type="application/json">{json.dumps(self.explanations)}</script></figure>')


def text_table(name, cells):
    """One array as aligned text under its name; arrays of more than two axes as one block per leading index."""
    if np.ndim(cells) > 2:
        return "\n".join(text_table(cell_name(name, index), cells[index]) for index in np.ndindex(cells.shape[:-2]))
    rows = [[number(_value(cell)) for cell in row] for row in np.atleast_2d(np.asarray(cells, dtype=object))]
    width = max(len(word) for row in rows for word in row)
    lines = [" ".join(word.rjust(width) for word in row) for row in rows]
    return "\n".join((name if i == 0 else " " * len(name)) + "  " + line for i, line in enumerate(lines))


def html_tables(name, cells, cell):
    """One array as HTML tables (one per leading index beyond two axes); ``cell(entry)`` gives the td of an entry."""
    if np.ndim(cells) > 2:
        return "".join(html_tables(cell_name(name, index), cells[index], cell) for index in np.ndindex(cells.shape[:-2]))
    rows = np.atleast_2d(np.asarray(cells, dtype=object))
    body = "".join("<tr>" + "".join(map(cell, row)) + "</tr>" for row in rows)
    return f'<table role="grid" aria-label="{name}"><caption>{name}</caption><tbody>{body}</tbody></table>'


def _value(node):
    return node.value if isinstance(node, Num) else node


def _each(f, array):
    result = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        result[index] = f(array[index])
    return result


def _binary(op, a, b, compute):
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return NotImplemented
    if op == "+" and not isinstance(a, Num) and a == 0:
        return b  # the empty sum that a loop starts from
    if op == "+" and not isinstance(b, Num) and b == 0:
        return a
    return Num(compute(_value(a), _value(b)), op, (a, b))


def _call(name, compute, *operands):
    return Num(compute(*map(_value, operands)), name, operands)


def _extreme(name, pick):
    def combine(a, b):
        parts = [part for node in (a, b)
                 for part in (node.operands if isinstance(node, Num) and node.op == name and not node.name else (node,))]
        return _call(name, pick, *parts)
    return np.frompyfunc(combine, 2, 1)


_EXTREMES = {np.maximum: _extreme("max", lambda *values: max(values)), np.minimum: _extreme("min", lambda *values: min(values))}


def _ufunc(ufunc, method, inputs, options):
    plain = [x.view(np.ndarray) if isinstance(x, Record) else _boxed(x) if isinstance(x, Num) else x for x in inputs]
    if options.get("out"):
        options["out"] = tuple(x.view(np.ndarray) if isinstance(x, Record) else x for x in options["out"])
    if method == "reduce" and ufunc in _EXTREMES and options.get("axis", 0) is None:
        plain, options = [plain[0].reshape(-1)], {}
    result = getattr(_EXTREMES.get(ufunc, ufunc), method)(*plain, **options)
    return result.view(Record) if isinstance(result, np.ndarray) else result


def _boxed(node):
    box = np.empty((), dtype=object)
    box[()] = node
    return box


def _operands(node):
    """The named cells among the operands of ``node``, through unnamed steps, in the order of the formula."""
    for part in node.operands:
        if isinstance(part, Num):
            yield from [part] if part.name else _operands(part)


def _expression(node, names, whole=True, lead=True):
    """The formula of ``node``; ``names`` shows cells by name, otherwise by number. A cell inside ends the formula there.

    ``whole``: the node is the cell explained. ``lead``: nothing stands before it, so that a minus sign needs no parentheses.
    """
    if not isinstance(node, Num) or node.op is None or (node.name and not whole):
        text = node.name if names and isinstance(node, Num) and node.name else number(_value(node))
        return text if lead or not text.startswith("-") else f"({text})"
    if node.op in ("same", "pick"):
        return _expression(node.operands[0], names, False, lead)
    if node.op == "negative":
        text = f"-{_part(node.operands[0], names, 3, False)}"
        return text if lead else f"({text})"
    if node.op in BINDING:
        binding = BINDING[node.op]
        left = _part(node.operands[0], names, binding + (node.op == "**"), lead and node.op != "**")
        right = _part(node.operands[1], names, binding + (node.op in ("-", "/")), False)
        space = " " if binding == 1 else ""
        return f"{left}{space}{node.op}{space}{right}"
    return f"{node.op}({', '.join(_expression(part, names, False) for part in node.operands)})"


def _part(node, names, binding, lead):
    """The formula of an operand, in parentheses where it binds less than the operation around it."""
    inner = node
    while isinstance(inner, Num) and not inner.name and inner.op in ("same", "pick"):
        inner = inner.operands[0]
    if isinstance(inner, Num) and not inner.name and BINDING.get(inner.op, 5) < binding:
        return f"({_expression(inner, names, False)})"
    return _expression(inner, names, False, lead)
