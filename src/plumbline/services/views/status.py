"""The language of status: each verdict's mark and word, which stand wherever its colour does."""

from __future__ import annotations

from collections.abc import Iterable

from plumbline.domain.results import Level

MARKS = {Level.GREEN: "●", Level.WATCH: "◆", Level.AMBER: "▲", Level.RED: "■", Level.GREY: "○"}
WORDS = {
    Level.GREEN: "within",
    Level.WATCH: "watch",
    Level.AMBER: "amber",
    Level.RED: "breach",
    Level.GREY: "not measured",
}


def marked(level: Level, text: str = "") -> str:
    """A verdict without its colour, for a table's cell or a printed page.

    >>> marked(Level.RED), marked(Level.GREEN, "until 31 Mar 2027")
    ('■ breach', '● until 31 Mar 2027')
    """
    return f"{MARKS[level]} {text or WORDS[level]}"


def worst(levels: Iterable[Level], default: Level = Level.GREY) -> Level:
    """The verdict that needs attention most; nothing at all is not measured."""
    return max(levels, key=lambda level: level.rank, default=default)
