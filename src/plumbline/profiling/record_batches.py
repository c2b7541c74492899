"""Columns of Arrow record batches as numpy arrays, read in place: pyarrow's own way would import pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_TYPES = {"double": "f8", "float": "f4"} | {
    f"{u}int{8 * n}": f"{u[:1] or 'i'}{n}" for u in ("", "u") for n in (1, 2, 4, 8)
}


def filled_in(column: Any) -> npt.NDArray[np.bool_]:
    """True where there is a value. Shape (rows,)."""
    bits = column.buffers()[0]
    if bits is None or not column.null_count:
        return np.ones(len(column), dtype=bool)
    every = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
    return every[column.offset : column.offset + len(column)].astype(bool)


def numbers_in(column: Any) -> npt.NDArray[Any]:
    """Numbers as they stand; a null among doubles is NaN. Shape (rows,). Not to be written to."""
    if not len(column):
        return np.zeros(0, dtype=_TYPES[str(column.type)])
    every = np.frombuffer(column.buffers()[1], dtype=_TYPES[str(column.type)])
    found = every[column.offset : column.offset + len(column)]
    return np.where(filled_in(column), found, np.nan) if column.null_count else found
