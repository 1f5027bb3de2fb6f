"""What only the book needs: explorables, practice, numbers that explain themselves, figures, and the Sphinx extension."""

import sys

from dlblocks.book.card import error_of, shape_card
from dlblocks.book.explorable import explore
from dlblocks.book.figures import PALETTE, figure, show
from dlblocks.book.problem import Problem, practice
from dlblocks.book.trace import traced
from dlblocks.book.widgets import building_site

__all__ = ["PALETTE", "Problem", "error_of", "explore", "figure", "practice", "shape_card", "show", "traced"]

if building_site() and hasattr(sys.stdout, "flush_interval"):
    sys.stdout.flush_interval = 60  # send a cell's output in one piece: where two pieces meet, myst-nb would break the line
