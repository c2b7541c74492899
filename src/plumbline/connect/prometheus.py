"""Figures in the text format that Prometheus scrapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number under its name, with what it counts."""

    name: str
    kind: Literal["counter", "gauge"]
    meaning: str
    value: int


def exposition(figures: Iterable[Figure]) -> str:
    """The scraped page (source: Prometheus, text-based exposition format 0.0.4).

    >>> print(exposition([Figure("plumbline_models", "gauge", "Models in the inventory.", 13)]), end="")
    # HELP plumbline_models Models in the inventory.
    # TYPE plumbline_models gauge
    plumbline_models 13
    """
    return "".join(f"# HELP {f.name} {f.meaning}\n# TYPE {f.name} {f.kind}\n{f.name} {f.value}\n" for f in figures)
