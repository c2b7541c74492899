"""The board's appetite: the limits that the estate's figures are held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from plumbline.domain.results import Level
from plumbline.policy.packs import Table

SHARES = ("validations", "red", "coverage", "conditions", "register", "concentration")
FIGURES = (*SHARES, "remediation")


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure past `amber` or past `red`; where red lies below amber the figure is to stay above them."""

    amber: float
    red: float

    def level(self, value: float) -> Level:
        """
        >>> Limit(0.05, 0.10).level(0.07).value, Limit(0.95, 0.90).level(0.95).value, Limit(0.95, 0.90).level(0.8).value
        ('amber', 'green', 'red')
        """
        sign = 1.0 if self.red >= self.amber else -1.0
        if sign * value > sign * self.red:
            return Level.RED
        return Level.AMBER if sign * value > sign * self.amber else Level.GREEN


@dataclass(frozen=True, slots=True)
class Appetite:
    """Limits by figure; `late_tier_one`: a tier-1 validation overdue by more is red however few there are."""

    limits: Mapping[str, Limit]
    late_tier_one: timedelta


def read_appetite(whole: Table) -> Appetite:
    """The appetite pack, every figure with both of its limits."""
    tables = {name: whole.table(name) for name in FIGURES}
    found = Appetite(
        limits={name: _limit(table, name) for name, table in tables.items()},
        late_tier_one=timedelta(days=tables["validations"].whole("tier_1_days_late")),
    )
    for table in (*tables.values(), whole):
        table.done()
    return found


def _limit(table: Table, name: str) -> Limit:
    read = table.share if name in SHARES else table.number
    return Limit(read("amber"), read("red"))
