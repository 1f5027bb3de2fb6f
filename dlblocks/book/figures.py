"""One style for every figure: safe for the color-blind, readable in light and dark, with alt text that states the finding."""

import base64
import hashlib
import html
import io
import re

import matplotlib

from dlblocks.book.widgets import Display, building_site

# Okabe and Ito (2008). In the built page each becomes a CSS variable, so that a dark page can lighten it; see book.css.
PALETTE = {"blue": "#0072b2", "orange": "#d55e00", "green": "#009e73", "purple": "#aa3377", "yellow": "#b88a00", "sky": "#3a9bdc"}
INK, SOFT = "#262626", "#bfbfbf"
STYLE = {
    "font.family": "sans-serif", "font.size": 11, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
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


def themed_svg(fig, prefix=None):
    """The figure as inline SVG: colors of the style as CSS variables, ids that start with ``prefix`` (default: a hash of the figure)."""
    if fig.get_layout_engine():  # lay out once and be done: savefig would draw everything a second time for it
        fig.get_layout_engine().execute(fig)
        with matplotlib.rc_context({"figure.constrained_layout.use": False}):
            fig.set_layout_engine(None)
    with io.StringIO() as file:
        fig.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        svg = file.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.S)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.S)  # its rule for * would restyle the page at every move
    prefix = prefix or hashlib.sha1(svg.encode()).hexdigest()[:6]
    ids = {name: f"{prefix}-{i}" for i, name in enumerate(re.findall(r' id="([^"]+)"', svg))}
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{ids[m[1]]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(url\(#|href="#)([^")]+)', lambda m: m[1] + ids[m[2]], svg)
    for name, color in PALETTE.items():
        svg = svg.replace(color, f"var(--{name})")
    svg = svg.replace(INK, "currentColor").replace(SOFT, "var(--soft)")
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    head = (f'<svg role="img" aria-label="{html.escape(fig.alt, quote=True)}" viewBox="{box[0][9:-1]}" '
            f'width="{float(box[1]) * 4 / 3:.0f}" height="{float(box[2]) * 4 / 3:.0f}" style="stroke-linejoin: round; stroke-linecap: butt" '
            'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">')
    return head + svg[svg.index(">") + 1:].strip()

