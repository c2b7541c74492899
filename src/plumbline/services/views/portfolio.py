"""What the portfolio shows an executive: the verdict line, twelve figures, the heat map, the decisions asked for."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.results import Level
from plumbline.services.views.standing import Standing


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the board's figures: `limit` in words; `level` None where no limit is set and the figure only informs."""

    key: str
    title: str
    value: str
    limit: str
    level: Level | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A decision that waits: what, why it waits, and for whom."""

    case_id: str
    model_id: str
    model: str
    version: str
    tier: str
    asks: str
    waiting: str
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioView:
    sentence: str
    level: Level
    changes: tuple[str, ...]
    tiles: tuple[Tile, ...]
    models: tuple[Standing, ...]
    footer: str
