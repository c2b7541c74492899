"""What no request may hold, whichever door it comes through: text that hides something, a time without its zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from plumbline.domain.errors import EvidenceMissing
from plumbline.workflow import commands as c

# Made by programs of ours from rows that were read, and as long as these make them.
COUNTED = (c.RecordMonitoring, c.RecordExplanation, c.RecordSegmentDrift, c.RecordSelfTest)
# A screen or a printed signature would show another text than the log holds: controls, and marks that turn the
# direction of writing (Unicode Technical Report 36).
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NAMES = ("id", "name", "title", "label")
LONGEST_NAME, LONGEST = 200, 20_000  # characters
SPECIFICATION = "spec_json"  # written by a program, a line a column
EARLIEST, LATEST = 1900, 9000  # years: what lies beyond is a slip of the pen, and no calendar that we use


def check(command: c.Command) -> None:
    """EvidenceMissing names what cannot be kept as it is."""
    if isinstance(command, COUNTED):
        return
    for name, value in _leaves("", command):
        if isinstance(value, str):
            _check_text(name, value)
        elif isinstance(value, datetime) and (value.tzinfo is None or not EARLIEST < value.year < LATEST):
            raise EvidenceMissing(
                f"The time '{name}' has no zone, or lies in another age: {value.isoformat()}",
                remedy="Write it as 2026-10-31T10:00:00Z.",
            )


def _check_text(name: str, value: str) -> None:
    hidden = HIDDEN.search(value)
    if hidden:
        raise EvidenceMissing(
            f"'{name}' holds a character that cannot be seen (U+{ord(hidden[0]):04X})",
            remedy="Take it out: what people read has to be what the log keeps.",
        )
    short = name.rpartition(".")[2] in NAMES
    if short and ("\n" in value or "\r" in value or len(value) > LONGEST_NAME):
        raise EvidenceMissing(
            f"'{name}' is longer than a line of {LONGEST_NAME} characters", remedy="Shorten it to one such line."
        )
    if len(value) > LONGEST and name.rpartition(".")[2] != SPECIFICATION:
        raise EvidenceMissing(
            f"'{name}' has {len(value):,} characters", remedy=f"It takes at most {LONGEST:,}; refer to a document."
        )


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every single value, by where it stands."""
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(f"{name}.{field.name}" if name else field.name, getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _leaves(name, item)
    else:
        yield name, value
