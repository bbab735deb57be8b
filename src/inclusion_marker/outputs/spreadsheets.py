"""Tables as CSV that a spreadsheet opens with its accents, and that run nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from inclusion_marker.files import placing

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def save_tables(
    frames: Mapping[str, pd.DataFrame], folder: Path, *, overwrite: bool
) -> tuple[Path, ...]:
    r"""Return the paths of tables written as CSV, all or none.

    Parameters
    ----------
    frames
        By name of the file, without its ending; an index with a name becomes the first column.
    folder
        Where to; made if it is not there.
    overwrite
        Whether files that are there may be replaced.

    Raises
    ------
    OutputError
        As :func:`inclusion_marker.files.check_target`.

    Examples
    --------
    >>> import tempfile
    >>> frame = pd.DataFrame({"name": ["=1+1", "Cúcuta"]})
    >>> folder = Path(tempfile.mkdtemp())
    >>> save_tables({"cities": frame}, folder, overwrite=False)[0].read_text("utf-8-sig")
    "name\n'=1+1\nCúcuta\n"
    """
    paths = tuple(folder / f"{name}.csv" for name in frames)
    with placing(paths, overwrite=overwrite) as stage:
        for path, frame in zip(paths, frames.values(), strict=True):
            named = any(name is not None for name in frame.index.names)
            harmless = frame.reset_index() if named else frame
            # The mark at the beginning is what tells a spreadsheet that accents are UTF-8.
            harmless.map(_harmless).to_csv(
                stage / path.name, index=False, encoding="utf-8-sig", lineterminator="\n"
            )
    return paths


def _harmless(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_STARTS):
        return f"'{value}"
    return value
