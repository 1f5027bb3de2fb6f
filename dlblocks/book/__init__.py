"""What only the book needs: explorables, practice, numbers that explain themselves, figures, and the Sphinx extension."""

from dlblocks.book.card import error_of, shape_card
from dlblocks.book.explorable import explore
from dlblocks.book.figures import PALETTE, figure, show
from dlblocks.book.problem import Problem, practice
from dlblocks.book.trace import traced

__all__ = ["PALETTE", "Problem", "error_of", "explore", "figure", "practice", "shape_card", "show", "traced"]
