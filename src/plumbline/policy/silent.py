"""Limits of silent failures: from which figures on one is found, and how severe each is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.domain.results import Level, Verdict
from plumbline.domain.silent import SILENT_FAILURES, Found, SilentFailure
from plumbline.policy.packs import Table

if TYPE_CHECKING:
    from plumbline.policy.load import Policy


@dataclass(frozen=True, slots=True)
class Silent:
    """`chance` is the most that a finding may have; `n`, `n_reference` are rows under which nothing is looked for."""

    chance: float
    n: int
    n_reference: int
    gap: float
    slack: float
    frozen_share: float
    spread_share: float
    respelled_share: float
    levels: Mapping[SilentFailure, Level]
    late: Level


def read_silent(table: Table) -> Silent:
    """The pack's [silent], checked: each failure has a level, amber or red."""
    levels = table.table("levels")
    found = Silent(
        chance=table.number("chance"),
        n=table.whole("n"),
        n_reference=table.whole("n_reference"),
        gap=table.number("gap"),
        slack=table.number("slack"),
        frozen_share=table.number("frozen_share"),
        spread_share=table.number("spread_share"),
        respelled_share=table.number("respelled_share"),
        levels={failure: _level(levels, failure) for failure in SilentFailure},
        late=_level(levels, "late_data"),
    )
    table.text("source")
    levels.done()
    table.done()
    return found


def judge_silent(found: Found, policy: Policy) -> Verdict:
    """The verdict on a failure that was found: its reason says what happened."""
    level = policy.thresholds.silent.levels[found.failure]
    return Verdict(level, found.says, f"silent.{found.failure}", policy.digest)


def judge_number(found: list[Found], rows: int, rows_reference: int, policy: Policy) -> Verdict:
    """The verdict on how many a window has: the worst of them; grey where there are too few rows to look."""
    limits = policy.thresholds.silent
    if found:
        worst = max(found, key=lambda each: limits.levels[each.failure].rank)
        level, reason = limits.levels[worst.failure], " ".join(each.says for each in found)
    elif rows < limits.n or rows_reference < limits.n_reference:
        level = Level.GREY
        need, have = (limits.n, rows) if rows < limits.n else (limits.n_reference, rows_reference)
        where = "" if rows < limits.n else " in the reference"
        reason = f"Too little data to look for silent failures: {need:,} rows{where} are needed, {have:,} are here."
    else:
        level = Level.GREEN
        named = ", ".join(each.value.replace("_", " ") for each in SilentFailure)
        reason = f"No silent failure among those looked for: {named}."
    return Verdict(level, reason, f"silent.{SILENT_FAILURES}", policy.digest)


def _level(table: Table, failure: str) -> Level:
    named = table.text(failure)
    if named not in (Level.AMBER, Level.RED):
        table.refuse(failure, f"must be amber or red, not {named!r}")
    return Level(named)
