"""Read the arithmetic that is typed into prose: LaTeX equations, evaluated by SymPy, and plain numbers."""

import itertools
import re
from functools import lru_cache

import sympy
from sympy.parsing.latex import parse_latex

NUMBER = re.compile(r"(?<![\w.\\^_-])[-\u2212]?\d+(?:\.\d+)?(?:[eE]-?\d+)?(?!\w)")
RELATIONS = re.compile(r"=|\\approx|\\le(?:q)?(?![a-z])|\\ge(?:q)?(?![a-z])|\\ne(?:q)?(?![a-z])|<|>|\\to(?![a-z])|\\in(?![a-z])"
                       r"|\\quad|\\qquad|\\(?:text|begin|end)\{[^}]*\}|\\\\|&|,(?=\s)|;|\\cdots|\\ldots|\\dots")


def equations(markdown):
    """The LaTeX segments of Markdown: ``$...$`` and ``$$...$$``, code left out."""
    text = re.sub(r"```.*?```|`[^`\n]*`", " ", markdown, flags=re.S)
    return [a or b for a, b in re.findall(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$", text, flags=re.S)]


def sides(equation):
    """Split a segment into chains of sides joined by ``=`` or ``\\approx``: [[side, side, ...], ...]."""
    equation = re.sub(r"\\\\\s*&?\s*(?==|\\approx)", " ", equation)  # a line that starts with a relation goes on with the line before
    equation = re.sub(r"\\\\\s*&?\s*(?:(?:\\q?quad|\{\})\s*)+(?=[+-])", " ", equation)  # and so does one that starts with an indented sign
    equation = re.sub(r"&\s*(?==|\\approx)", "", equation)
    chains, chain, position = [], [], 0
    for match in itertools.chain(RELATIONS.finditer(equation), [None]):
        end = match.start() if match else len(equation)
        chain.append(equation[position:end].strip())
        if match is None or match[0] not in ("=", "\\approx"):
            chains.append(chain)
            chain = []
        position = match.end() if match else end
    return chains


@lru_cache(maxsize=None)
def evaluate(side):
    """The value of a numeric LaTeX expression, or None if it holds symbols or is not arithmetic."""
    if not re.search(r"\d", side):
        return None
    text = side.strip().rstrip(".,;:").strip()
    text = re.sub(r"(?<=\d)(?:\\,|\{,\})(?=\d{3})", "", text)
    text = re.sub(r"\\(?:,|;|!|:|left|right|displaystyle|big[lr]?)(?![a-z])", " ", text)
    text = re.sub(r"\\(?:tfrac|dfrac)", r"\\frac", text)
    text = re.sub(r"(?<![a-zA-Z\\])e(?=\s*\^)", r"\\EULER", text).replace("\\EULER", "2.718281828459045235360287471352662498")
    text = re.sub(r"\\pi(?![a-z])", "3.14159265358979", text)
    for name, form in {"sigma": r"\frac{{1}}{{1+2.718281828459045235360287471352662498^{{-({0})}}}}",
                       "tanh": r"(1-\frac{{2}}{{2.718281828459045235360287471352662498^{{2({0})}}+1}})"}.items():
        text = _apply(text, name, form)
    for name in ("ln", "log", "exp", "sin", "cos"):  # the grammar would let a function swallow what stands behind its parentheses
        text = _apply(text, name, rf"(\OPEN{name}({{0}}))").replace("\\OPEN", "\\")
    try:
        value = parse_latex(text, backend="lark")
    except Exception:
        return None
    if not isinstance(value, sympy.Expr):
        return None
    value = value.doit()
    return None if value.free_symbols or not value.is_number else float(value)


def _apply(text, name, form):
    """Replace ``\\name(argument)`` by ``form``."""
    while (start := text.find(f"\\{name}(")) >= 0:
        depth, end = 0, start + len(name) + 1
        for end in range(end, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
        text = text[:start] + form.format(text[start + len(name) + 2:end]) + text[end + 1:]
    return text


def false_statements(equation):
    """The pairs of neighboring numeric sides of an equation that do not agree within the precision shown."""
    wrong = []
    for chain in sides(equation):
        numeric = [side for side in chain if looks_numeric(side)]
        if len(numeric) < 2:
            continue
        known = [(side, value) for side in numeric if (value := evaluate(side)) is not None]
        wrong += [f"cannot read {side}" for side in numeric if evaluate(side) is None]
        for (left, a), (right, b) in itertools.pairwise(known):
            if abs(a - b) > tolerance(left, right):
                wrong.append(f"{left} = {right} ({a:g} against {b:g})")
    return wrong


def looks_numeric(side):
    """True for a side that is arithmetic on numbers alone, so that it must evaluate; vectors in brackets are left to the other test."""
    text = re.sub(r"\\(?:frac|tfrac|dfrac|sqrt|cdot|times|left|right|ln|log|exp|tanh|sigma|max|min|pi|lfloor|rfloor|lceil|rceil|cos|sin|big|bigl|bigr|displaystyle)(?![a-z])|\\[,;!:]|e(?=\s*\^)", " ", side)
    return bool(re.search(r"\d", text)) and not re.search(r"[a-zA-Z\\\[\]]", text)


def tolerance(left, right):
    """Half a unit of the last digit of the side that is a single number; 1e-9 where whole numbers are shown."""
    single = [side for side in (left, right) if re.fullmatch(r"[-\u2212]?\s*\d+(\.\d+)?[.,;]?", side.strip())]
    digits = [len(m) for side in single or [left, right] for m in re.findall(r"\.(\d+)", side)]
    if not digits:
        return 1e-9
    return 0.5 * 10.0 ** -(min(digits) if single else max(digits)) * 1.0001


def plain(number):
    """A typed number in one spelling, so that 30, 30.0 and 30. are the same and the sign does not count."""
    return f"{abs(float(number.replace(chr(0x2212), '-'))):.10g}"


def typed_numbers(markdown):
    """The numbers a reader sees in Markdown, with the text around each; links, citations, directives and HTML tags left out."""
    text = re.sub(r"^(?:`{3,}|:{3,}).*$", " ", markdown, flags=re.M)
    text = re.sub(r"\{(?:cite|ref|doc|numref|term|eq|index)[^}]*\}`[^`]*`", " ", text)
    text = re.sub(r"\]\([^)]*\)|<[^>\n]+>|https?://\S+", " ", text)
    text = re.sub(r"(?<=\d)(?:\\,|\{,\}|,|\u202f)(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"[_^](?:\{[^}]*\}|\w)", " ", text)
    return [(match[0], text[max(0, match.start() - 30):match.end() + 30].replace("\n", " ")) for match in NUMBER.finditer(text)]


def numbers_in(text):
    """All the numbers of code or output, in one spelling, also as a page would round them."""
    return {plain(match) for match in re.findall(r"\d+\.?\d*(?:e[-+]?\d+)?", text)}
