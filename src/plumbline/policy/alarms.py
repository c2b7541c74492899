"""Alarms: how many false ones are allowed, and how often a figure is past a limit before it counts."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.policy.packs import Table


@dataclass(frozen=True, slots=True)
class Alarm:
    """When a figure past a limit counts against its model: from its `windows`-th time within `of` judged windows on."""

    windows: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class Budget:
    """How many false alarms are allowed: windows of a model that are red in a year though nothing drifted."""

    false_reds: float = 1.0


AT_ONCE = Alarm()


def read_alarm(table: Table) -> Alarm:
    rules = Alarm(windows=table.whole("windows"), of=table.whole("of"))
    if not 1 <= rules.windows <= rules.of:
        table.refuse("windows", f"is {rules.windows} of {rules.of}: at least 1, at most 'of'")
    table.text("source")
    table.done()
    return rules


def read_budget(table: Table) -> Budget:
    rules = Budget(false_reds=table.number("false_reds"))
    if not rules.false_reds > 0:
        table.refuse("false_reds", f"is {rules.false_reds:g}: no test is without false alarms")
    table.text("source")
    table.done()
    return rules
