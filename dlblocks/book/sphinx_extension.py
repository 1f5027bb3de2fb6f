"""The Sphinx extension of the book: the kernels' HTML faces, our script and style, MathJax and icons from this site alone."""

import hashlib
import importlib.util
import logging
import os
import re
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

import dlblocks
from dlblocks.book.pages import fill, write_figures
from dlblocks.book.terms import link_terms
from dlblocks.book.widgets import STATIC

MATHJAX = Path(importlib.util.find_spec("sphinx-mathjax-offline").submodule_search_locations[0]) / "static"


def setup(app):
    os.environ["DLBLOCKS_FACE"] = "site"  # inherited by the kernels that execute the chapters
    app.add_css_file("book.css")
    app.add_js_file("book.js")
    app.add_js_file(None, body='document.addEventListener("DOMContentLoaded", () => startFigures(document)); skipWhatIsOutOfSight();')
    app.connect("config-inited", configure)
    app.connect("builder-inited", execute_in_parallel)
    app.connect("source-read", fill)
    app.connect("doctree-read", link_terms)
    app.connect("html-page-context", mend_citation_list)
    app.connect("build-finished", write_figures)
    app.connect("build-finished", keep_used_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def configure(app, config):
    """Serve our files and MathJax from the site, and give the executed notebooks a cache of this version of the blocks."""
    for listeners in app.events.listeners.values():  # jupyter-book always loads Thebe, whose script names a CDN on every page
        listeners[:] = [listener for listener in listeners if listener.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files[:] = [entry for entry in app.registry.css_files if "thebe" not in entry[0]]
    config.html_static_path += [str(STATIC), str(MATHJAX)]
    config.ogp_site_url = os.environ.get("BOOK_URL", "")  # where the book will stand, known only to whoever deploys it
    config.mathjax_path = "mathjax/tex-mml-chtml.js"
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache" / blocks_version())


def execute_in_parallel(app):
    """Execute the chapters that the cache lacks, as many at once as there are cores; myst-nb then finds them there."""
    if app.config.nb_execution_mode != "cache":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    for path in sorted(Path(app.srcdir, "chapters").glob("*.ipynb")):
        cache.add_nb_to_project(str(path))
    load_executor("local-parallel", cache, logger=logging.getLogger(__name__)).run_and_cache(timeout=app.config.nb_execution_timeout)


def blocks_version():
    """A hash of the package's sources: jupyter-cache compares notebooks only, but their outputs depend on the blocks."""
    sources = sorted(Path(dlblocks.__file__).parent.rglob("*.py"))
    return hashlib.sha1(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def mend_citation_list(app, page, template, context, doctree):
    """Take the role "list" from the bibliography: its children are no list items, which screen readers trip over (axe-core)."""
    context["body"] = context.get("body", "").replace('<div role="list" class="citation-list">', '<div class="citation-list">')


def keep_used_icons(app, exception):
    """Cut Font Awesome (1.5 MB) down to the icons that the built pages use."""
    script = Path(app.outdir) / "_static" / "scripts" / "fontawesome.js"
    if exception or app.builder.format != "html" or not script.exists():
        return
    pages = "".join(path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html"))
    pages += "".join(path.read_text(encoding="utf-8") for path in script.parent.glob("*theme.js"))
    used = set(re.findall(r"fa-([a-z0-9-]+)", pages))
    icon = re.compile(r'(?<=[{,])("?)([a-z0-9-]+)\1:\[\d+,\d+,\[[^\]]*\],"[^"]*",(?:"[^"]*"|\["[^"]*","[^"]*"\])\],?')
    text = script.read_text(encoding="utf-8")
    script.write_text(icon.sub(lambda m: m[0] if m[2] in used else "", text), encoding="utf-8")
