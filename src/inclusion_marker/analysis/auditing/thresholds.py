"""From where on the audit says something: each threshold with its source."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

_HANDBOOK = "OECD/JRC (2008), Handbook"
_COIN = "Becker et al. (2019), COIN Tool User Guide"
OWN = "inclusion_marker"
"""The source of a threshold for which the field has no figure: this package chose it."""
_SHARE = (0.0, 1.0)
_ANY = (0.0, math.inf)


def _threshold(default: float, source: str, within: tuple[float, float] = _SHARE) -> float:
    """Return the field of a threshold, with its source and the limits it may have."""
    chosen: float = field(default=default, metadata={"source": source, "within": within})
    return chosen


@dataclass(frozen=True)
class Thresholds:
    """From where on the audit says something.

    Attributes
    ----------
    indicators
        Most indicators that a framework holds together.
    years
        Most years between the dates of two layers.
    inherited
        Share of people whose value is that of a larger unit.
    coverage
        Least share of an indicator's people and of a node's weight that is observed.
    unscored
        Most people without a marker.
    cells
        Fewest cells whose correlations are more than noise.
    weak
        Correlations nearer to 0 are weak; negative ones from here on contradict the group.
    redundant
        Correlations from here on say the same thing twice.
    kmo, vif, alpha_low, alpha_high
        Least sampling adequacy; most variance inflation; the band of Cronbach's alpha.
    eigenvalue
        Components from here on stand for something of their own.
    skewness, kurtosis
        Both passed: a few cells set the scale.
    beyond
        Most people beyond a goalpost.
    one_end
        Most people at one end of a scale.
    weight
        Largest weight among siblings.
    influence
        Most times that influence may exceed the weight, or fall below it.
    compensated
        Score up to which a place with one child at 0 may rise by the others.
    floor
        Most people whom the floor of a rule lifts.
    class_change
        Most people whose class hangs on the choice of the mean.
    dominance
        Largest correlation ratio of one child.
    one_class
        Most people in one class.

    Examples
    --------
    >>> Thresholds(weak=0.2).weak, Thresholds.sources()["kmo"].split(",")[0]
    (0.2, 'Kaiser (1974)')
    """

    indicators: float = _threshold(40, "JRC, COIN FAQ: 30-40 indicators at most", _ANY)
    years: float = _threshold(5, OWN, _ANY)
    inherited: float = _threshold(0.5, OWN)
    coverage: float = _threshold(0.65, f"{_COIN}: 65 % of the data")
    unscored: float = _threshold(0.05, OWN)
    cells: float = _threshold(30, OWN, _ANY)
    weak: float = _threshold(0.3, f"{_COIN}: 0.3 < r < 0.92")
    redundant: float = _threshold(0.92, f"{_COIN}: 0.3 < r < 0.92")
    kmo: float = _threshold(0.6, f"Kaiser (1974), Psychometrika 39(1); {_HANDBOOK}, step 4")
    vif: float = _threshold(5, f"{_HANDBOOK}, step 4: 4 or 5", (1.0, math.inf))
    alpha_low: float = _threshold(0.7, f"{_HANDBOOK}, step 4 (Nunnally 1978)")
    alpha_high: float = _threshold(
        0.95, "Tavakol, Dennick (2011), International Journal of Medical Education 2: 53-55"
    )
    eigenvalue: float = _threshold(1, f"{_HANDBOOK}, step 4 (Kaiser's criterion)", _ANY)
    skewness: float = _threshold(2, f"{_COIN}: |skewness| > 2 and kurtosis > 3.5", _ANY)
    kurtosis: float = _threshold(3.5, f"{_COIN}: |skewness| > 2 and kurtosis > 3.5", _ANY)
    beyond: float = _threshold(0.05, OWN)
    one_end: float = _threshold(0.95, OWN)
    weight: float = _threshold(0.5, f"{_HANDBOOK}, step 6")
    influence: float = _threshold(
        2, "Paruolo, Saisana, Saltelli (2013), JRSS A 176(3), for the measure", (1.0, math.inf)
    )
    compensated: float = _threshold(50, OWN, (0.0, 100.0))
    floor: float = _threshold(0, OWN)
    class_change: float = _threshold(0.1, OWN)
    dominance: float = _threshold(0.9, OWN)
    one_class: float = _threshold(0.95, OWN)

    def __post_init__(self) -> None:
        """Refuse what can be no threshold, all at once."""
        faults = [*self._faults()]
        if faults:
            raise ParameterError(*faults)

    def _faults(self) -> Iterator[Notice]:
        """Yield a notice for each value outside its limits."""
        for each in fields(self):
            value, (low, high) = getattr(self, each.name), each.metadata["within"]
            at = f"thresholds.{each.name}"
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield Notice(
                    "parameter_type", item=at, values={"found": value, "expected": "0.5, 2 …"}
                )
            elif not low <= value <= high or math.isnan(value):
                values = {"found": value, "low": low, "high": high}
                yield Notice("parameter_out_of_range", item=at, values=values)

    @classmethod
    def sources(cls) -> dict[str, str]:
        """Return the source of each threshold's default, by its name.

        What the field has no figure for is this package's own choice, and says so.
        """
        return {each.name: str(each.metadata["source"]) for each in fields(cls)}
