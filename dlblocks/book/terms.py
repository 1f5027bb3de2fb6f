"""The glossary in the text: the first use of a term on a page becomes a link to its entry."""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

# Where a link would be wrong or in the way.
LEAVE_ALONE = (nodes.title, nodes.reference, addnodes.pending_xref, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block,
               nodes.comment, nodes.raw, nodes.table, addnodes.index)


def glossary_terms(source):
    """The terms of ``glossary.md``, longest first: they stand unindented in its glossary block."""
    path = Path(source) / "glossary.md"
    block = re.search(r"^```\{glossary\}\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.S | re.M) if path.exists() else None
    return sorted(re.findall(r"^(\S.*)$", block[1], flags=re.M), key=len, reverse=True) if block else []


def link_terms(app, doctree):
    """Link the first use of every term in a chapter."""
    if not app.env.docname.startswith("chapters/"):
        return
    left = {term.lower(): term for term in glossary_terms(app.srcdir)}
    if not left:
        return
    for text in list(doctree.findall(nodes.Text)):
        if left and not _inside(text):
            pieces = _split(text.astext(), left)
            if len(pieces) > 1:
                text.parent.replace(text, pieces)


def _inside(node):
    while node.parent is not None:
        node = node.parent
        if isinstance(node, LEAVE_ALONE) or "cell_output" in node.get("classes", []):
            return True
    return False


def _split(text, left):
    """The text cut at the first uses of terms that are ``left``, which become links and are taken from ``left``."""
    words = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, sorted(left, key=len, reverse=True)))})(s?)(?![\w-])", flags=re.I)
    pieces, position = [], 0
    for match in words.finditer(text):
        term = left.pop(match[1].lower(), None)
        if term:
            pieces += [nodes.Text(text[position:match.start()]), _link(term, match[0])]
            position = match.end()
    return [*pieces, nodes.Text(text[position:])]


def _link(term, shown):
    link = addnodes.pending_xref("", refdomain="std", reftype="term", reftarget=term, refexplicit=True, refwarn=True)
    link += nodes.inline("", shown, classes=["xref", "std", "std-term"])
    return link
