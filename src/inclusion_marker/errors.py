"""The errors of the package: one base, a child per kind, each also the built-in it specialises."""

from typing import ClassVar, Protocol


class Problem(Protocol):
    """Something that can say itself in a language: a notice, in practice."""

    def text(self, language: str) -> str:
        """Return what is wrong, where, and what to do, in ``language`` ("es" or "en")."""
        ...


class InclusionMarkerError(Exception):
    """Anything that a user can mend: its text says which file, which item, what, and what to do.

    Parameters
    ----------
    problems
        Sentences, or notices that can say themselves in Spanish and English. All faults of an
        input travel in one error.

    Examples
    --------
    >>> print(InclusionMarkerError("boundary.gpkg: no CRS", "census.gpkg: no CRS"))
    boundary.gpkg: no CRS
    census.gpkg: no CRS
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, *problems: str | Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def text(self, language: str = "en") -> str:
        """Return all problems, one after the other, in ``language``."""
        return "\n".join(
            problem if isinstance(problem, str) else problem.text(language)
            for problem in self.problems
        )

    def __str__(self) -> str:
        """Return the English text."""
        return self.text()


class MethodError(InclusionMarkerError, ValueError):
    """A method file is wrong; the text lists every fault of the file at its address."""


class CityError(InclusionMarkerError, ValueError):
    """A city file is wrong, or no city has the name asked for."""


class LayerError(InclusionMarkerError, ValueError):
    """A layer breaks the contract that the method states for it."""


class ParameterError(InclusionMarkerError, ValueError):
    """An argument of a function or an option of a command is outside what it may be."""


class OutputError(InclusionMarkerError, OSError):
    """A result cannot be written: the target is open, exists already, or its folder is closed."""

    exit_code: ClassVar[int] = 5
