"""Twenty columns of independent rows, without drift or with one planted change: what alarms are measured on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

REFERENCE = 5_000
WINDOWS = 5  # of one reference: those of an unlucky one are no independent months
LEVELS = (3, 8, 20, 50, 150, 300)
Numbers = NDArray[np.float64]
Shift = Callable[[str, Any, np.random.Generator], Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is drawn: the windows' size, the change planted into their columns, the columns it must be seen in."""

    name: str
    rows: int
    shift: Shift
    planted: tuple[str, ...] = ()


def numbers(column: int, rows: int, chance: np.random.Generator) -> Numbers:
    """Five normal columns, five lognormal, two heavy-tailed, two of counts."""
    if column < 5:
        return chance.normal(column, 1 + column / 3, rows)
    if column < 10:
        return chance.lognormal(0.0, 0.5 + (column - 5) / 8, rows)
    if column < 12:
        return 10 * chance.standard_t(column - 8, rows)
    return chance.poisson(2.0 ** (column - 11), rows).astype(np.float64)


def shares(levels: int) -> Numbers:
    """Falling with the rank, as in Zipf's law."""
    found = 1.0 / np.arange(1, levels + 1)
    return np.asarray(found / found.sum())


def rows_of(rows: int, shift: Shift, chance: np.random.Generator) -> dict[str, Any]:
    """One window's columns."""
    found: dict[str, Any] = {f"num_{at:02d}": numbers(at, rows, chance) for at in range(14)}
    for levels in LEVELS:
        found[f"cat_{levels:03d}"] = chance.choice(levels, rows, p=shares(levels))
    found["score"] = chance.beta(2, 8, rows)
    return {name: shift(name, values, chance) for name, values in found.items()}


def quiet(_name: str, values: Any, _chance: np.random.Generator) -> Any:
    return values


def moved(by: float) -> Shift:
    """The first normal column, by so many of its standard deviations."""
    return lambda name, values, _chance: values + by if name == "num_00" else values


def mixed(psi: float) -> Shift:
    """The eight levels' column: the last level takes from the first until the index reaches `psi`."""
    before = shares(8)
    steps = (before + d * (np.eye(8)[7] - np.eye(8)[0]) for d in np.linspace(0, before[0] * 0.99, 10_000))
    after = next(now for now in steps if float(np.sum((now - before) * np.log(now / before))) >= psi)
    return lambda name, values, chance: chance.choice(8, len(values), p=after) if name == "cat_008" else values


def levels(places: Any) -> Any:
    """Places as words."""
    words = pa.array([f"c{level}" for level in range(LEVELS[-1])])
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), words).cast(pa.string())


def table(found: Mapping[str, Any], period: int) -> pa.Table:
    columns = {name: levels(values) if name.startswith("cat") else pa.array(values) for name, values in found.items()}
    size = len(found["score"])
    unknown = pa.nulls(size, pa.int8())
    return pa.table(columns | {"label": unknown, "period": pa.array([f"{period:03d}"] * size)})


def write(trial: Trial, chance: np.random.Generator, folder: Path) -> tuple[Path, Path]:
    """(reference, log of `WINDOWS` periods), drawn anew."""
    reference, log = folder / "reference.parquet", folder / "log.parquet"
    pq.write_table(table(rows_of(REFERENCE, quiet, chance), 0), reference)
    with pq.ParquetWriter(log, pq.read_schema(reference)) as file:
        for at in range(WINDOWS):
            file.write_table(table(rows_of(trial.rows, trial.shift, chance), at + 1))
    return reference, log
