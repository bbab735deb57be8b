"""The pages of all that can be wrong with an input, from the catalogue of notices."""

import re

from ext.saying import say
from ext.tables import code, table, words
from inclusion_marker import errors
from inclusion_marker.texts import catalogue

_OPEN = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
_SHUT = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
# A piece of code, an option of the command, or a sign that Markdown would obey.
_SIGN = re.compile(r"`[^`|]+`|(?<!\S)--[a-z-]+|[\\`*_{}\[\]<>|#$]")


def page(language: str) -> str:
    """Return the Markdown of the catalogue: a section a severity, a table of its codes.

    Parameters
    ----------
    language
        ``"es"`` or ``"en"``.
    """
    return "\n\n".join(_severity(each, language) for each in ("error", "warning", "info"))


def _severity(severity: str, language: str) -> str:
    """Return the codes of one severity."""
    entries = {
        key: entry
        for key, entry in sorted(catalogue("notices").items())
        if entry["severity"] == severity
    }
    title = f"## {say(f'severity_{severity}', language)} ({len(entries)})"
    cards = [_card(key, entry[language], language) for key, entry in entries.items()]
    return "\n\n".join([title, *cards])


def _card(key: str, said: dict[str, str], language: str) -> str:
    """Return one code: what was found, why it matters, what to do."""
    parts = [
        f"- **{say(part, language)}**: {shown(said[part])}" for part in ("found", "why", "fix")
    ]
    return "\n".join([f"### {code(key)}", "", *parts])


class _Named:
    """What stands for a value that only a run knows: its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __format__(self, spec: str) -> str:
        """Return the name, whatever the value would be formatted as."""
        return repr(self)

    def __repr__(self) -> str:
        """Return the name between signs that no message has."""
        return f"{_OPEN}{self.name}{_SHUT}"


class _Names(dict[str, _Named]):
    """A name for each placeholder of a sentence."""

    def __missing__(self, key: str) -> _Named:
        """Return the name."""
        return _Named(key)


def shown(sentence: str) -> str:
    r"""Return a sentence of the catalogue as Markdown: code as code, a placeholder by its name.

    Examples
    --------
    >>> shown("write `crs = …` in a_b")
    'write `crs = …` in a\\_b'
    >>> shown("found {found!r}") == f"found {_OPEN}found{_SHUT}"
    True
    """
    named = " ".join(sentence.format_map(_Names()).split())
    return _SIGN.sub(_signed, named)


def _signed(sign: re.Match[str]) -> str:
    """Return code as it is, an option as code, and any other sign as itself."""
    if sign[0].startswith("--"):
        return code(sign[0])
    return sign[0] if sign[0].startswith("`") else f"\\{sign[0]}"


def exits() -> str:
    """Return the errors with the code that the command leaves with, and what each is for."""
    rows = [
        [
            str(found.exit_code),
            code(found.__name__),
            words((found.__doc__ or "").partition("\n")[0]),
        ]
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, errors.InclusionMarkerError)
    ]
    return table(["exit code", "error", "when"], rows)
