"""What a page of the report is made of: frozen records of words and figures, without any markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from inclusion_marker.outputs.palette import ACCENT


@dataclass(frozen=True, slots=True)
class Track:
    """A value, and perhaps its interval, as a mark on a line.

    Attributes
    ----------
    shown
        The value, between ``least`` and ``most``; ``None`` draws none.
    low, high
        Ends of its interval; ``None`` without draws.
    least, most
        What the line spans.
    colour
        Of the mark, ``#rrggbb``.
    is_bar
        Whether the value is a length from ``least`` on, not a mark.
    """

    shown: float | None
    low: float | None = None
    high: float | None = None
    least: float = 0.0
    most: float = 100.0
    colour: str = ACCENT
    is_bar: bool = False

    def at(self, value: float) -> float:
        """Return where a value stands on the line, 0-100, for an attribute of SVG.

        Examples
        --------
        >>> Track(shown=5.0, most=20.0).at(5.0)
        25.0
        """
        part = (value - self.least) / (self.most - self.least) if self.most > self.least else 0.0
        return round(100.0 * min(max(part, 0.0), 1.0), 2)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text
        What it says.
    is_number
        Whether it stands at the right, below its like.
    colour
        Of a small box before the words, ``#rrggbb``; none if empty.
    track
        A mark on a line below the words.
    """

    text: str
    is_number: bool = False
    colour: str = ""
    track: Track | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    cells
        From left to right.
    spans
        Whether it is the title of the rows below it, over all columns.
    is_total
        Whether it is of all rows.
    """

    cells: tuple[Cell, ...]
    spans: bool = False
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the cells of each row are as many as the heads, but for a title that spans them.

    Attributes
    ----------
    caption
        What it is of.
    heads
        Of the columns; those of numbers stand at the right.
    rows
        From top to bottom.
    note
        How to read it; may be empty.
    look
        ``"plain"``; ``"fine"`` for long tables that are looked up and not read; ``"fine names"``
        where the heads of the rows are long.
    named_by
        Which cell names the row, counted from 0: its head.
    """

    kind: ClassVar[str] = "table"
    caption: str
    heads: tuple[Cell, ...]
    rows: tuple[Row, ...]
    note: str = ""
    look: str = "plain"
    named_by: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs.

    Attributes
    ----------
    said
        One sentence or more each.
    look
        ``"plain"``, ``"lead"`` for what is read first, ``"note"`` for what is said beside.
    """

    kind: ClassVar[str] = "words"
    said: tuple[str, ...]
    look: str = "plain"


@dataclass(frozen=True, slots=True)
class Points:
    """A list.

    Attributes
    ----------
    title
        Heading above it; none if empty.
    said
        A point each.
    look
        ``"plain"`` or ``"messages"``, in a frame.
    """

    kind: ClassVar[str] = "points"
    title: str
    said: tuple[str, ...]
    look: str = "plain"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section."""

    kind: ClassVar[str] = "heading"
    title: str


@dataclass(frozen=True, slots=True)
class Card:
    """One large figure.

    Attributes
    ----------
    label
        What it is of.
    value
        The figure with its unit.
    note
        What it means.
    colour
        Of the class that it is in; none if empty.
    """

    label: str
    value: str
    note: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """A row of large figures."""

    kind: ClassVar[str] = "cards"
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside the page.

    Attributes
    ----------
    source
        A ``data:`` address.
    alt
        What it shows, for who cannot see it.
    caption
        What stands below it; may be empty.
    look
        ``"picture"``, or ``"page"`` for one as wide as a page.
    """

    kind: ClassVar[str] = "picture"
    source: str
    alt: str
    caption: str = ""
    look: str = "picture"


@dataclass(frozen=True, slots=True)
class Shape:
    """A line or an area of a drawing.

    Attributes
    ----------
    path
        In the units of the drawing, as the attribute ``d`` of an SVG path.
    look
        Name of its class in the style sheet.
    """

    path: str
    look: str


@dataclass(frozen=True, slots=True)
class Label:
    """A short text at a point of a drawing."""

    x: float
    y: float
    text: str
    look: str = "label"
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of lines and areas inside the page.

    Attributes
    ----------
    width, height
        Of its view box.
    shapes, labels
        From back to front.
    alt
        What it shows, for who cannot see it.
    caption
        What stands below it.
    keys
        What the looks mean: a look and its words each.
    look
        Name of its class in the style sheet.
    """

    kind: ClassVar[str] = "drawing"
    width: float
    height: float
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    alt: str
    caption: str
    keys: tuple[tuple[str, str], ...] = ()
    look: str = "map"


@dataclass(frozen=True, slots=True)
class Abreast:
    """Blocks side by side where there is room."""

    kind: ClassVar[str] = "abreast"
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A command to be typed as it stands."""

    kind: ClassVar[str] = "code"
    text: str


Block: TypeAlias = "Abreast | Cards | Code | Drawing | Heading | Picture | Points | Table | Words"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report.

    Attributes
    ----------
    id
        Its address in the page.
    title
        Its heading.
    blocks
        What it says, from top to bottom.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = field(default=())


def number_cell(text: str, *, track: Track | None = None, colour: str = "") -> Cell:
    """Return a cell of a figure."""
    return Cell(text, is_number=True, track=track, colour=colour)


def heads(*titles: str, numbers: int = 0) -> tuple[Cell, ...]:
    """Return the heads of a table, the last ``numbers`` of them above figures.

    Examples
    --------
    >>> [head.is_number for head in heads("district", "people", numbers=1)]
    [False, True]
    """
    first = len(titles) - numbers
    return tuple(Cell(title, is_number=at >= first) for at, title in enumerate(titles))
