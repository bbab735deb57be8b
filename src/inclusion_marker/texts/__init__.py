"""Spanish and English: everything that a person reads, outside the method and city files."""

import tomllib
from collections.abc import Mapping
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


def phrase(key: str, **values: object) -> Text:
    """Return the phrase ``key`` in both languages, its ``{placeholders}`` filled.

    Parameters
    ----------
    key
        As for :func:`word`.
    values
        What fills the placeholders; a :class:`Text` is said in the language of the phrase.

    Examples
    --------
    >>> phrase("fault_greater_than", gt=0)
    Text(es='debe ser mayor que 0', en='it must be greater than 0')
    """
    return Text(es=word(key, "es", **said(values, "es")), en=word(key, "en", **said(values, "en")))


def grouped(count: float) -> Text:
    r"""Return a whole number with its thousands apart: by a space in Spanish, a comma in English.

    Parameters
    ----------
    count
        People, cells, metres: anything that is shown without decimals.

    Examples
    --------
    >>> grouped(1577959)
    Text(es='1\xa0577\xa0959', en='1,577,959')
    """
    english = f"{count:,.0f}"
    return Text(es=english.replace(",", "\N{NO-BREAK SPACE}"), en=english)


def many(key: str, count: float) -> Text:
    """Return how many there are of something, in words for one or for several.

    Parameters
    ----------
    key
        A phrase of several; that of one has the same key with ``_one``.
    count
        How many.

    Examples
    --------
    >>> many("n_people", 1), many("n_people", 20)
    (Text(es='1 persona', en='1 person'), Text(es='20 personas', en='20 people'))
    """
    return phrase(f"{key}_one" if round(count) == 1 else key, count=grouped(count))


def said(values: Mapping[str, object], language: str) -> dict[str, object]:
    """Return values with each :class:`Text` said in ``language``, the others as they are.

    Examples
    --------
    >>> said({"name": Text(es="Salud", en="Health"), "count": 3}, "es")
    {'name': 'Salud', 'count': 3}
    """
    return {
        key: value.said(language) if isinstance(value, Text) else value
        for key, value in values.items()
    }
