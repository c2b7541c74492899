"""Averages over classes, as the coverage bench draws them: tables of the class chosen by the one that came."""

from __future__ import annotations

from itertools import product

import numpy as np
from bench.drawn import Chance, Floats, Places, Trial

from plumbline.stats.intervals import Intervals
from plumbline.stats.multiclass import Averages

# Shares of the classes, and towards which of them mistakes lean: the rarest comes in ten rows of 200.
MIXES = {"3 even": ((1 / 3,) * 3, (1 / 3,) * 3), "4 uneven": ((0.5, 0.3, 0.15, 0.05), (0.4, 0.3, 0.2, 0.1))}
ROWS, RIGHT = (200, 1_000, 5_000), (0.6, 0.8, 0.9)
KEYS = ("precision", "weighted_precision", "recall", "f1", "weighted_f1", "mcc")


def averaged(key: str, mix: str, rows: int, right: float) -> Trial:
    came, mistaken = (np.array(side) for side in MIXES[mix])
    cells = (1 - right) * np.outer(mistaken, came) + right * np.diag(came)
    truth = getattr(Averages(np.round(cells[None] * 1e9).astype(np.int64)), key).value[0]

    def trial(chance: Chance, draws: int) -> tuple[Intervals, Floats]:
        drawn = chance.multinomial(rows, cells.ravel(), draws).reshape(draws, *cells.shape)
        return getattr(Averages(drawn), key).interval, np.full(draws, truth)

    return trial


def _name(key: str) -> str:
    if key.startswith("weighted"):
        return key.replace("_", " ")
    return "R_K" if key == "mcc" else f"macro {key}"


OF_CLASSES: dict[str, tuple[str, Places]] = {
    _name(key): (
        "tables of 200 rows and up",
        [
            (f"n {rows:,}, {mix}, right {right}", averaged(key, mix, rows, right))
            for mix, rows, right in product(MIXES, ROWS, RIGHT)
        ],
    )
    for key in KEYS
}
