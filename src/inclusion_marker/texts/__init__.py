"""Spanish and English: everything that a person reads, outside the method and city files."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = ("es", "en")


class Text(BaseModel):
    """The same words in Spanish and English.

    Examples
    --------
    >>> Text(es="Salud", en="Health").said("es")
    'Salud'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    es: str
    en: str

    def said(self, language: str) -> str:
        """Return the words in ``language``; anything but ``"en"`` is Spanish."""
        return self.en if language == "en" else self.es


@cache
def catalogue(name: str) -> dict[str, Any]:
    """Return the catalogue ``name`` (a TOML file of this room) as nested tables.

    Examples
    --------
    >>> catalogue("words")["no_data"]
    {'es': 'Sin datos', 'en': 'No data'}
    """
    source = files("inclusion_marker.texts") / f"{name}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def word(key: str, language: str, **values: object) -> str:
    """Return the phrase ``key`` in ``language``, its ``{placeholders}`` filled.

    Raises
    ------
    KeyError
        If neither ``phrases`` nor ``words`` has it.

    Examples
    --------
    >>> word("no_data", "es")
    'Sin datos'
    """
    entry = catalogue("phrases").get(key) or catalogue("words")[key]
    phrase: str = entry["en" if language == "en" else "es"]
    return phrase.format(**values) if values else phrase
