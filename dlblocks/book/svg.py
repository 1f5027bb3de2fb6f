"""A Matplotlib figure as small inline SVG that follows light and dark and changes fast."""

import hashlib
import html
import io
import re

import matplotlib

# Okabe and Ito (2008). In the built page each becomes a CSS variable, so that a dark page can lighten it; see book.css.
PALETTE = {"blue": "#0072b2", "orange": "#d55e00", "green": "#009e73", "purple": "#aa3377", "yellow": "#b88a00", "sky": "#3a9bdc"}
INK, SOFT = "#262626", "#bfbfbf"
FONT = "'DejaVu Sans', Verdana, sans-serif"  # wide fonts like the one that Matplotlib measures with


def themed_svg(fig, prefix=None):
    """The figure as inline SVG, small and one element a line: colors of the style as CSS variables, ids that start with ``prefix``.

    The lines are what `explore` compares in the browser, to put in only the elements that a moved control changes.
    """
    if fig.get_layout_engine():  # lay out once and be done: savefig would draw everything a second time for it
        fig.get_layout_engine().execute(fig)
        with matplotlib.rc_context({"figure.constrained_layout.use": False}):
            fig.set_layout_engine(None)
    with io.StringIO() as file:
        fig.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        svg = file.getvalue()
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    head = (f'<svg role="img" aria-label="{html.escape(fig.alt, quote=True)}" viewBox="0 0 {width:g} {height:g}" width="{width * 4 / 3:.0f}" '
            f'height="{height * 4 / 3:.0f}" style="font-family: {FONT}; stroke-linejoin: round; stroke-linecap: butt" xmlns="http://www.w3.org/2000/svg">')
    return "\n".join([head, *_elements(_compact(svg), prefix), "</svg>"])


def _compact(svg):
    """What Matplotlib drew, without what nobody sees: bare groups, invisible paths, comments, fonts named at each word, the seventh digit."""
    svg = svg[svg.index(">", svg.index("<svg")) + 1:svg.rindex("</svg>")]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.S)  # its rule for * would restyle the page
    svg = re.sub(r'(?<=base64,)[^"]*', lambda data: "".join(data[0].split()), svg)
    svg = re.sub(r"\s*\n\s*", " ", svg)
    svg = re.sub(r' transform="rotate\(-0 [^)]*\)"|(?<=[ "])font-family: [^;"]*; ?', "", svg)
    svg = re.sub(r'<path d="[^"]*" style="fill: none" ?/>|<g(?: id="[^"]*")? ?/>', "", svg)
    svg = re.sub(r"(?<=[\s\"(])-?\d+\.\d{3,}(?=[^<>]*>)", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), svg)
    for name, color in PALETTE.items():
        svg = svg.replace(color, f"var(--{name})")
    return _merged(_unclipped(_in_place(svg.replace(INK, "currentColor").replace(SOFT, "var(--soft)").replace("xlink:href", "href"))))


# A browser paints every clipped, moved or scaled element as a layer of its own, and each frame sorts all layers of a page: that took
# most of the time between a slider and the screen. So markers and images are written where they stand, and only what sticks out is clipped.

def _in_place(svg):
    """Each marker as a path at its point, each image by its corner and size, instead of copies that are moved and scaled."""
    markers = {name: (_relative(path), style) for name, path, style in re.findall(r'<path id="([^"]+)" d="([^"]+)"(?: style="([^"]*)")? ?/>', svg)}

    def marker(use):
        path, style = markers[use[1]]
        return f'<path d="M {use[2]} {use[3]} {path}" style="{use[4]}; {style}"/>'

    def image(found):
        head, width, height, across, down, x, y = found.groups()
        return f'{head} x="{x}" y="{y}" width="{float(width) * float(across):.2f}" height="{float(height) * float(down):.2f}" preserveAspectRatio="none"'

    number = r"([\d.]+)"
    svg = re.sub(r'<use href="#([^"]+)" x="([^"]+)" y="([^"]+)" style="([^"]*)" ?/>', marker, svg)
    svg = re.sub(r'<defs> <path id="[^"]*" d="[^"]*"(?: style="[^"]*")? ?/> </defs>', "", svg)
    return re.sub(rf'(<image [^>]*?) width="{number}" height="{number}" transform="matrix\({number} 0 0 {number} {number} {number}\)"', image, svg)


def _relative(path):
    """The path of a marker in relative commands, which end where they should from any starting point."""
    parts, here, start = [], (0, 0), (0, 0)
    for command, numbers in re.findall(r"([MLQCz])([^MLQCz]*)", path):
        values = [float(number) for number in numbers.split()]
        parts.append(command.lower() + " ".join(f"{value - here[i % 2]:.2f}".rstrip("0").rstrip(".") for i, value in enumerate(values)))
        here = values[-2:] or start
        start = here if command == "M" else start
    return "".join(parts)


def _unclipped(svg):
    """Without the clip of each path and image that lies inside it, as grid lines do."""
    boxes = {name: (float(x), float(y), float(x) + float(width), float(y) + float(height)) for name, x, y, width, height in
             re.findall(r'<clipPath id="([^"]+)"> <rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"/>', svg)}

    def inside(name, numbers):
        left, top, right, bottom = boxes[name]
        numbers = [float(number) for number in numbers]
        return all(left - 0.1 <= x <= right + 0.1 for x in numbers[::2]) and all(top - 0.1 <= y <= bottom + 0.1 for y in numbers[1::2])

    def path(found):
        return f'<path d="{found[1]}"' if inside(found[2], re.findall(r"-?[\d.]+", found[1])) else found[0]

    def group(found):
        corners = re.findall(r'd="M (\S+) (\S+)', found[2]) + [(x, y) for x, y in re.findall(r' x="(\S+)" y="(\S+)"', found[2])]
        corners += [(float(x) + float(width), float(y) + float(height)) for x, y, width, height in
                    re.findall(r' x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', found[2])]
        return found[2] if inside(found[1], [number for corner in corners for number in corner]) else found[0]

    svg = re.sub(r'<path d="([MLCQz\d. -]+)" clip-path="url\(#([^)]+)\)"', path, svg)
    svg = re.sub(r'<g clip-path="url\(#([^)]+)\)">((?: ?<(?:path d="M|image) [^>]*/>)+) ?</g>', group, svg)
    svg = re.sub(r'<clipPath id="([^"]+)">.*?</clipPath>', lambda clip: clip[0] if f"(#{clip[1]})" in svg else "", svg)
    return re.sub(r"<defs>\s*</defs>", "", svg)


def _merged(svg):
    """Markers of one kind that follow each other as one path, unless they are transparent and darken where they overlap."""
    def one(found):
        paths = [found[1], *re.findall(r' d="([^"]*)"', found[3])]
        return found[0] if "opacity" in found[2] else f'<path d="{" ".join(paths)}" style="{found[2]}"/>'

    return re.sub(r'<path d="(M \S+ \S+ m[^"]*)" style="([^"]*)"/>((?: ?<path d="M \S+ \S+ m[^"]*" style="\2"/>)+)', one, svg)


def _elements(svg, prefix):
    """The outermost elements, bare groups opened, ids renamed to ``prefix`` (default: a hash) and a number."""
    prefix = prefix or hashlib.sha1(svg.encode()).hexdigest()[:6]
    used = list(dict.fromkeys(re.findall(r'(?:url\(#|href="#)([^")]+)', svg)))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}-{used.index(m[1])}"' if m[1] in used else "", svg)
    svg = re.sub(r'(url\(#|href="#)([^")]+)', lambda m: f"{m[1]}{prefix}-{used.index(m[2])}", svg)
    elements, element, groups, depth = [], "", [], 0
    for tag, text in re.findall(r"(<[^>]+>)([^<]*)", svg):
        if tag.startswith("<g"):
            groups.append(tag != "<g>")
        if tag == "<g>" or tag == "</g>" and not groups.pop():
            continue
        depth += (not tag.endswith("/>")) * (-1 if tag.startswith("</") else 1)
        element += tag + text.strip() if depth else tag
        if not depth:
            elements.append(element)
            element = ""
    return elements
