"""What to do where every row of a side was set aside."""

from __future__ import annotations

from collections.abc import Mapping

_REMEDIES = {
    "time not parsable": "Write times as 2026-10-31 or 2026-10-31T10:00:00Z.",
    "time in the future": "Write the year that was meant, or correct the clock of this machine.",
    "probability outside [0, 1]": "Write chances from 0 to 1; where they are points, say so by score_kind under [log].",
    "label other than 0 and 1": "Write outcomes as 0 and 1.",
    "decision other than 0 and 1": "Write decisions as 0 and 1.",
    "label not a class": "Name every class, with the column of its score, under [log] score.",
    "weight not usable": "Write weights as numbers above 0.",
}


def remedy(counts: Mapping[str, int]) -> str:
    """That of the reason which most rows were set aside for.

    >>> remedy({"time not parsable": 2, "duplicate id": 1})
    'Write times as 2026-10-31 or 2026-10-31T10:00:00Z.'
    """
    most = max(counts, key=lambda reason: counts[reason], default="")
    return _REMEDIES.get(most, "Check the columns named under [log].")
