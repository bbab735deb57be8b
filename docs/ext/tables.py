"""Markdown that is written by a program: words that stay words, and tables."""

from collections.abc import Iterable, Sequence

_SIGNS = str.maketrans(
    {
        sign: f"\\{sign}"
        for sign in "\\`*_{}[]<>|#$"  # what would begin emphasis, a link, a cell, a tag
    }
)


def words(said: object) -> str:
    r"""Return words as Markdown that shows them as they are, on one line.

    Examples
    --------
    >>> words("a_b | *c*")
    'a\\_b \\| \\*c\\*'
    """
    return " ".join(str(said).split()).translate(_SIGNS)


def code(said: object) -> str:
    r"""Return words as code, which also stands in a cell of a table; nothing for nothing.

    Examples
    --------
    >>> code("a|b")
    '`a\\|b`'
    """
    text = " ".join(str(said).split()).replace("|", r"\|")
    return f"`{text}`" if text else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return a table; its cells are Markdown already.

    Parameters
    ----------
    heads
        The words of the first line.
    rows
        The cells of each line below, as many as heads.
    right
        Numbers of the columns of figures, from 0.

    Examples
    --------
    >>> print(table(["a", "b"], [["x", "1"]], right=[1]))
    | a | b |
    | --- | ---: |
    | x | 1 |
    """
    rules = ["---:" if place in right else "---" for place in range(len(heads))]
    lines = [heads, rules, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
