"""The house rules that a machine can check: short modules, short functions, docstrings, light imports."""

import ast
import importlib
import inspect
import pkgutil

import pytest

import dlblocks
import dlblocks.functional as F
from book_files import ROOT

MODULES = sorted((ROOT / "dlblocks").glob("*.py"))
modules = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)


@modules
def test_modules_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    long = [node.name for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > 40]
    assert long == []


@modules
def test_blocks_never_import_the_book(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module] if isinstance(node, ast.ImportFrom) else []
        assert not any(name.startswith(("dlblocks.book", "torch", "matplotlib")) for name in names)
        assert not isinstance(node, ast.Assert)


def test_every_public_function_says_what_it_does():
    for info in pkgutil.iter_modules(dlblocks.__path__, "dlblocks."):
        module = importlib.import_module(info.name)
        assert module.__doc__, info.name
    for name in F.__all__:
        doc = inspect.getdoc(getattr(F, name))
        assert doc and len(doc.split()) > 5, name
        assert "Shapes" in doc or "shape" in doc, name
