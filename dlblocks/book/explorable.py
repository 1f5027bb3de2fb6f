"""Explorables: a function and its controls, live in a kernel, every state computed beforehand in the built book."""

import base64
import contextlib
import html
import inspect
import io
import itertools
import json
import math
import zlib

from dlblocks.book.svg import themed_svg
from dlblocks.book.widgets import Display, building_site

MOST_STATES = 600


def explore(fn, **controls):
    """Show what ``fn`` prints, and the figure it draws, for the values that the reader chooses.

    ``controls`` takes the abbreviations of `ipywidgets.interact`: (low, high) or (low, high, step) for a slider, a list
    for a drop-down menu, a bool for a check box. ``fn``'s own defaults are the first state; it prints numbers and may
    draw one figure with `dlblocks.book.figure`. In the built book every state is computed during the build.
    """
    return Explorable(fn, controls)


class Explorable(Display):
    """A function over a grid of states: ``choices`` gives each control's values under the labels that the reader sees."""

    def __init__(self, fn, controls):
        self.fn, self.controls = fn, controls
        self.default = {name: parameter.default for name, parameter in inspect.signature(fn).parameters.items()}
        if list(controls) != list(self.default):
            raise ValueError(f"explore: {fn.__name__} takes {', '.join(self.default)}; the controls are {', '.join(controls)}")
        self.choices = {name: _choices(name, abbreviation) for name, abbreviation in controls.items()}
        for name, value in self.default.items():
            if value not in self.choices[name].values():
                raise ValueError(f"explore: the default of {name}, {value!r}, is not one of {list(self.choices[name].values())}")
        count = math.prod(map(len, self.choices.values()))
        if count > MOST_STATES:
            raise ValueError(f"explore: {count} states, at most {MOST_STATES}; use fewer or coarser controls")
        self.default_state = self.state(**self.default)
        self.states = [self.state(**values) for values in self.all_values()] if building_site() else None

    def all_values(self):
        """Every combination of the controls' values, the last control fastest."""
        return [dict(zip(self.choices, values)) for values in itertools.product(*(choice.values() for choice in self.choices.values()))]

    def state(self, draw=True, **values):
        """(text, svg) of one state: what ``fn`` prints, and its figure or an empty string."""
        import matplotlib.pyplot as plt
        before, printed = set(plt.get_fignums()), io.StringIO()
        with contextlib.redirect_stdout(printed):
            self.fn(**values)
        drawn = [plt.figure(n) for n in plt.get_fignums() if n not in before]
        if len(drawn) > 1 or any(not hasattr(fig, "alt") for fig in drawn):
            raise ValueError("explore: draw at most one figure, made with dlblocks.book.figure so that it has alt text")
        svg = themed_svg(drawn[0], prefix=f"x-{self.fn.__name__}") if drawn and draw else ""
        for fig in drawn:
            plt.close(fig)
        return printed.getvalue().rstrip("\n"), svg

    def printed(self, **values):
        """What ``fn`` prints for these values."""
        return self.state(draw=False, **values)[0]

    def text(self):
        return self.default_state[0]

    def widget(self):
        """Real ipywidgets: each move runs ``fn`` again."""
        import ipywidgets
        widgets = {name: ipywidgets.interactive.widget_from_abbrev(abbreviation, self.default[name])
                   for name, abbreviation in self.controls.items()}
        shown = ipywidgets.HTML(value=_face(*self.default_state))

        def update(_):
            shown.value = _face(*self.state(**{name: widget.value for name, widget in widgets.items()}))

        for name, widget in widgets.items():
            widget.description, widget.style.description_width = _label(name), "initial"
            widget.observe(update, names="value")
        return ipywidgets.VBox([*widgets.values(), shown])

    def html(self):
        states = self.states or [self.state(**values) for values in self.all_values()]
        packed = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = packed.compress(json.dumps(states).encode()) + packed.flush()
        controls = "".join(_control(name, abbreviation, self.choices[name], self.default[name])
                           for name, abbreviation in self.controls.items())
        return (f'<figure class="explore"><div class="explore-controls">{controls}</div>{_face(*self.default_state)}'
                f'<script type="text/plain" class="explore-states">{base64.b64encode(data).decode()}</script></figure>')


def _face(text, svg):
    return f'<div class="explore-picture">{svg}</div><pre class="explore-text" aria-live="polite">{html.escape(text)}</pre>'


def _choices(name, abbreviation):
    """The values of a control, each under its label, as `ipywidgets.interact` reads the abbreviation."""
    if isinstance(abbreviation, bool):
        return {"off": False, "on": True}
    if isinstance(abbreviation, dict):
        return abbreviation
    if isinstance(abbreviation, list):
        return {str(value): value for value in abbreviation}
    if isinstance(abbreviation, tuple) and len(abbreviation) in (2, 3):
        low, high, step = (*abbreviation, 1)[:3] if all(isinstance(x, int) for x in abbreviation) else (*abbreviation, 0.1)[:3]
        values = [round(low + i * step, 10) for i in range(round((high - low) / step) + 1)]
        return {f"{value:g}": value for value in values}
    raise ValueError(f"explore: {name} must be a (low, high, step) tuple, a list, a dict or a bool, got {abbreviation!r}")


def _label(name):
    return name.replace("_", " ")


def _control(name, abbreviation, choices, chosen):
    """A native HTML control that carries its values: a check box for a bool, a slider for a tuple, else a drop-down menu."""
    words, values = list(choices), list(choices.values())
    place, label = values.index(chosen), html.escape(_label(name))
    data = f"data-control=\"{name}\" data-values='{html.escape(json.dumps(values), quote=True)}'"
    if isinstance(abbreviation, bool):
        return f'<label><input type="checkbox" {data}{" checked" if chosen else ""}> {label}</label>'
    if not isinstance(abbreviation, tuple):
        options = "".join(f"<option{' selected' if i == place else ''}>{html.escape(word)}</option>" for i, word in enumerate(words))
        return f"<label>{label} <select {data}>{options}</select></label>"
    return (f'<label>{label} <input type="range" min="0" max="{len(values) - 1}" step="1" value="{place}" {data} '
            f"data-labels='{html.escape(json.dumps(words), quote=True)}' aria-valuetext=\"{words[place]}\"> <output>{words[place]}</output></label>")
