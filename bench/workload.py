"""Writes the workload that speed is measured on: a binary model's log of monthly windows, the same for the same seed.

`python -m bench.workload FOLDER [--rows N] [--windows N] [--seed N]` writes reference.parquet, current_01.parquet and
more, for bench/model.toml. 20 numeric columns (normal, lognormal, heavy-tailed, counts; two with 5 % missing), 10
categories of 2 to 1,000 levels, score, label, one segment, two protected groups. Three columns drift from the eighth
window on; the labels of the last two windows are not in yet.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

LEVELS = (2, 3, 5, 8, 12, 20, 50, 100, 400, 1_000)
DRIFTS_FROM = 8
WITHOUT_LABELS = 2
WITH_GAPS = (8, 16)
SEGMENT = {"retail": 0.4, "sme": 0.2, "corporate": 0.1, "online": 0.15, "branch": 0.1, "partner": 0.05}
SEX = {"F": 0.52, "M": 0.48}
AGE = {"18-25": 0.12, "26-35": 0.25, "36-50": 0.33, "51-65": 0.2, "66+": 0.1}
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """One file: `at` is 0 for the reference, then 1, 2 ... months later."""

    at: int
    rows: int
    labelled: bool
    chance: np.random.Generator

    @property
    def drifted(self) -> bool:
        return self.at >= DRIFTS_FROM

    def number(self, column: int) -> Numbers:
        """Column 0 shifts and column 5 widens when the window has drifted."""
        if column < 5:
            return self.chance.normal(column + 0.3 * (column == 0 and self.drifted), 1 + column / 3, self.rows)
        if column < 10:
            wider = 1.15 if column == 5 and self.drifted else 1.0
            return self.chance.lognormal(0.0, (0.5 + (column - 5) / 8) * wider, self.rows)
        if column < 14:
            return 10 * self.chance.standard_t(2 + (column - 10) / 2, self.rows)
        return self.chance.poisson(2.0 ** (column - 14), self.rows).astype(np.float64)

    def words(self, shares: dict[str, float]) -> tuple[NDArray[np.int32], Any]:
        """(places, Arrow column) of words drawn with these shares."""
        places = self.chance.choice(len(shares), self.rows, p=list(shares.values())).astype(np.int32)
        return places, pa.DictionaryArray.from_arrays(pa.array(places), pa.array(list(shares))).cast(pa.string())

    def times(self) -> Any:
        month = np.datetime64("2024-01", "M") + self.at
        start, end = month.astype("datetime64[us]"), (month + 1).astype("datetime64[us]")
        inside = np.sort(self.chance.integers(0, int((end - start).astype(np.int64)), self.rows))
        return pa.array(start + inside.astype("timedelta64[us]"))

    def gaps(self, column: int) -> NDArray[np.bool_] | None:
        return self.chance.random(self.rows) < 0.05 if column in WITH_GAPS else None


def categories(column: int, levels: int, drifted: bool) -> dict[str, float]:
    """Shares fall with the rank; of column 3 the last level takes from the first when the window has drifted."""
    shares = np.arange(1, levels + 1) ** -0.8
    shares /= shares.sum()
    if column == 3 and drifted:
        shares[0] -= 0.08
        shares[-1] += 0.08
    return {f"c{column}_{level:04d}": float(share) for level, share in enumerate(shares)}


def table(window: Window) -> Any:
    columns: dict[str, Any] = {"id": pa.array(np.arange(window.rows) + window.at * 100_000_000), "ts": window.times()}
    numbers = [window.number(column) for column in range(20)]
    for column, values in enumerate(numbers):
        whole = values.astype(np.int64) if column >= 14 else values
        columns[f"num_{column:02d}"] = pa.array(whole, mask=window.gaps(column))
    for column, levels in enumerate(LEVELS):
        columns[f"cat_{column:02d}"] = window.words(categories(column, levels, window.drifted))[1]
    segment, columns["segment"] = window.words(SEGMENT)
    sex, columns["sex"] = window.words(SEX)
    age, columns["age_band"] = window.words(AGE)
    logit = -2 + 0.9 * numbers[0] + 0.5 * (numbers[1] - 1) + 0.4 * np.log(numbers[5]) - 0.3 * (numbers[14] - 1)
    logit += np.array([0.0, 0.2, -0.3, 0.1, 0.05, 0.4])[segment] - 0.25 * sex + 0.15 * (age - 2)
    columns["score"] = probability(0.1 + 0.95 * logit + window.chance.normal(0, 0.5, window.rows))
    came = window.chance.random(window.rows) < probability(logit)
    columns["label"] = pa.array(came.astype(np.int8), mask=np.full(window.rows, not window.labelled))
    return pa.table(columns)


def probability(logit: Numbers) -> Numbers:
    result: Numbers = 1 / (1 + np.exp(-logit))
    return result


def write(folder: Path, rows: int, windows: int = 12, seed: int = 20_261_121) -> None:
    """Every file of a workload; a file that stands is taken as written, since the same seed gives the same rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(windows + 1):
        file = folder / (f"current_{at:02d}.parquet" if at else "reference.parquet")
        if not file.exists():
            window = Window(at, rows, at <= windows - WITHOUT_LABELS, np.random.default_rng([seed, at]))
            unfinished = file.with_suffix(".part")
            pq.write_table(table(window), unfinished, compression="zstd", row_group_size=122_880)
            unfinished.rename(file)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--windows", type=int, default=12)
    parser.add_argument("--seed", type=int, default=20_261_121)
    args = parser.parse_args(words)
    assert math.log10(args.rows) < 8, "identifiers of windows would meet"
    write(args.folder, args.rows, args.windows, args.seed)


if __name__ == "__main__":
    main()
