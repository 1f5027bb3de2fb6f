"""The faces of what the book displays: text for nbval, a widget for a live kernel, HTML for the built book."""

import os
from pathlib import Path

STATIC = Path(__file__).parent / "static"


def building_site():
    """True while Sphinx builds the book (`dlblocks.book.sphinx_extension` sets the variable, and kernels inherit it)."""
    return os.environ.get("DLBLOCKS_FACE") == "site"


class Display:
    """An object with three faces, chosen by MIME type. A subclass gives ``text()`` and ``html()``, and may override ``widget()``."""

    def widget(self):
        """The live face: the same HTML and the same script as in the built book, carried by anywidget."""
        import anywidget
        script = (STATIC / "book.js").read_text() + "\nexport default { render({ model, el }) { el.innerHTML = model.get('_html'); startFigures(el); } };\n"
        import traitlets
        face = type("BookWidget", (anywidget.AnyWidget,), {"_esm": script, "_css": (STATIC / "book.css").read_text(),
                                                           "_html": traitlets.Unicode().tag(sync=True)})
        return face(_html=self.html())

    def _repr_mimebundle_(self, include=None, exclude=None):
        if building_site():
            return {"text/plain": self.text(), "text/html": self.html()}
        bundle = self.widget()._repr_mimebundle_()
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, "text/plain": self.text()}
