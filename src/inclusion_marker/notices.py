"""What can be wrong with an input: a closed catalogue of codes, and the record of one finding."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from inclusion_marker.texts import catalogue, said

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One finding about an input: where it is, what was found, why it matters, what to do.

    Parameters
    ----------
    code
        Key of the catalogue ``texts/notices.toml``; an unknown code is a ``KeyError``.
    file, layer, item, rows
        Where: the file's name, the layer's id, the column or key, and numbers of rows counted
        from 1; empty if none.
    values
        What fills the placeholders of the catalogue's sentences; a ``Text`` is said in the
        language of the message.

    Examples
    --------
    >>> print(Notice("crs_missing", file="census.gpkg", layer="census").text("en"))
    error [crs_missing] layer 'census', file census.gpkg
      found: the file states no coordinate reference system (CRS)
      why:   without it nobody knows where on the earth the coordinates are
      fix:   set it in QGIS (Layer > Layer CRS > Set Layer CRS, then export), or write `crs =
             "EPSG:…"` in the table of the layer in city.toml
    """

    code: str
    file: str = ""
    layer: str = ""
    item: str = ""
    rows: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a code that the catalogue does not hold."""
        if self.code not in catalogue("notices"):
            raise KeyError(self.code)

    @property
    def severity(self) -> Severity:
        """Return ``"error"``, ``"warning"`` or ``"info"``."""
        return cast("Severity", catalogue("notices")[self.code]["severity"])

    def part(self, name: Literal["found", "why", "fix"], language: str) -> str:
        """Return one part of the message in ``language``."""
        entry = catalogue("notices")[self.code]["en" if language == "en" else "es"]
        return str(entry[name]).format(**said(self.values, language))

    def place(self, language: str) -> str:
        """Return where the finding is: layer, file, item and rows."""
        english = language == "en"
        layer, file, rows = ("layer", "file", "rows") if english else ("capa", "archivo", "filas")
        parts = [f"{layer} '{self.layer}'" if self.layer else ""]
        parts += [f"{file} {self.file}" if self.file else "", self.item]
        parts += [f"{rows} {self.rows}" if self.rows else ""]
        return ", ".join(part for part in parts if part)

    def text(self, language: str = "en") -> str:
        """Return the whole message: severity, code and place, then found, why and fix."""
        english = language == "en"
        severity = self.severity if english else _SEVERITY_ES[self.severity]
        titles = ("found:", "why:  ", "fix:  ") if english else ("hallado:", "motivo: ", "remedio:")
        lines = [f"{severity} [{self.code}] {self.place(language)}".rstrip()]
        for title, part in zip(titles, ("found", "why", "fix"), strict=True):
            body = self.part(cast("Literal['found', 'why', 'fix']", part), language)
            lines.append(_wrapped(f"  {title} ", body))
        return "\n".join(lines)


def spoken(notices: Iterable[Notice]) -> list[dict[str, str]]:
    """Return notices as plain words, for the ``attrs`` of a table: any format can keep them.

    Parameters
    ----------
    notices
        What was noticed.

    Returns
    -------
    spoken
        ``code``, ``layer``, and the whole message in ``es`` and ``en``.

    Examples
    --------
    >>> spoken([Notice("crs_missing", layer="census")])[0]["code"]
    'crs_missing'
    """
    return [
        {"code": each.code, "layer": each.layer, "es": each.text("es"), "en": each.text("en")}
        for each in notices
    ]


_SEVERITY_ES: Mapping[Severity, str] = {"error": "error", "warning": "aviso", "info": "nota"}


def _wrapped(head: str, body: str, width: int = 96) -> str:
    """Return ``body`` behind ``head``, wrapped under it."""
    lines, line = [], head
    for each in body.split():
        word = each if len(each) <= width else f"{each[: width - 10]}…{each[-1]}"
        if len(line) + len(word) > width and line.strip() != head.strip():
            lines.append(line.rstrip())
            line = " " * len(head)
        line += word + " "
    return "\n".join([*lines, line.rstrip()])


def near(name: str, accepted: Iterable[str]) -> str:
    """Return the accepted names, the nearest to ``name`` first, as a short list.

    Examples
    --------
    >>> near("helth", ["census", "health", "education"])
    'health, census, education'
    """
    names = sorted({str(each) for each in accepted})
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    shown = [*close, *(each for each in names if each not in close)]
    more = len(shown) - 12
    return ", ".join(shown[:12]) + (f" … (+{more})" if more > 0 else "")


def errors(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return those notices that stop a computation."""
    return tuple(notice for notice in notices if notice.severity == "error")
