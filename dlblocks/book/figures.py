"""One style for every figure: safe for the color-blind, readable in light and dark, with alt text that states the finding."""

import base64
import io

import matplotlib

from dlblocks.book.svg import INK, PALETTE, SOFT, themed_svg
from dlblocks.book.widgets import Display, building_site

STYLE = {
    "font.family": "sans-serif", "font.size": 11, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "xtick.bottom": False, "ytick.left": False,
    "axes.edgecolor": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11, "axes.titleweight": "bold",
    "axes.grid": True, "axes.axisbelow": True, "grid.color": SOFT, "grid.linewidth": 0.6, "legend.frameon": False, "lines.linewidth": 2,
    "patch.edgecolor": INK, "hatch.color": INK, "image.interpolation": "none", "image.cmap": "cividis",
    "figure.constrained_layout.use": True, "svg.fonttype": "none", "svg.hashsalt": "dlblocks", "savefig.transparent": True,
}


def figure(width=6.0, height=3.0, *, alt, rows=1, columns=1, **options):
    """Return ``(fig, axes)`` in the book's style: ``alt`` says what a reader should see, ``options`` go to `matplotlib.pyplot.subplots`.

    Lines differ by color and by dash, so that color never carries the meaning alone.
    """
    import matplotlib.pyplot as plt
    from cycler import cycler
    if not isinstance(alt, str) or len(alt) < 15:
        raise ValueError(f"figure: alt must be a sentence that states what the figure shows, got {alt!r}")
    cycle = cycler(color=PALETTE.values()) + cycler(linestyle=["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2))])
    matplotlib.rcParams.update({**STYLE, "axes.prop_cycle": cycle})  # for good: legends and titles are made after we return
    fig, axes = plt.subplots(rows, columns, figsize=(width, height), **options)
    fig.alt = " ".join(alt.split())
    return fig, axes


def show(fig):
    """Show a figure made by `figure`: a PNG in a kernel, SVG that follows light and dark in the built page."""
    import matplotlib.pyplot as plt
    plt.close(fig)
    return Picture(fig)


class Picture(Display):
    """A finished figure; its text face is its alt text."""

    def __init__(self, fig):
        self.fig = fig

    def text(self):
        return f"Figure: {self.fig.alt}"

    def html(self):
        return f'<figure class="picture">{themed_svg(self.fig)}</figure>'

    def _repr_mimebundle_(self, include=None, exclude=None):
        if building_site():
            return {"text/plain": self.text(), "text/html": self.html()}
        with io.BytesIO() as file:
            self.fig.savefig(file, format="png", dpi=100, transparent=False, facecolor="white")
            png = base64.b64encode(file.getvalue()).decode()
        return {"text/plain": self.text(), "image/png": png}, {"image/png": {"alt": self.fig.alt}}
