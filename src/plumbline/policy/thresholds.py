"""Limits and minimum samples as typed data: which clause holds for which figure of which family of models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from plumbline.domain.models import Tier
from plumbline.domain.results import Baseline
from plumbline.policy.alarms import AT_ONCE, Alarm, Budget, read_alarm, read_budget
from plumbline.policy.estimates import Estimates, read_estimates
from plumbline.policy.packs import Table
from plumbline.policy.silent import Silent, read_silent


class On(StrEnum):
    """What a limit is held against."""

    VALUE = "value"
    CHANGE = "change"
    RELATIVE_CHANGE = "relative_change"


class Real(StrEnum):
    """How a figure is shown to be past a limit beyond chance."""

    P_VALUE = "p_value"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Minimum:
    """Rows, events and non-events under which a figure is grey."""

    n: int = 0
    n_reference: int = 0
    events: int = 0
    non_events: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """A band: past `below` or `above` is past the limit; None = no limit on that side."""

    below: float | None
    above: float | None
    inclusive: bool = False

    def past(self, value: float) -> bool:
        """
        >>> Limits(0.85, 1.18).past(1.2), Limits(None, 0.1).past(0.1), Limits(None, 0.1, inclusive=True).past(0.1)
        (True, False, True)
        """
        if self.inclusive and value in (self.below, self.above):
            return True
        return (self.below is not None and value < self.below) or (self.above is not None and value > self.above)

    def crossed(self, value: float) -> float:
        """The limit on the value's own side.

        >>> Limits(0.85, 1.18).crossed(1.3)
        1.18
        """
        return min((limit for limit in (self.below, self.above) if limit is not None), key=lambda x: abs(x - value))


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule: for a metric, in some families and tiers, what is amber and what is red, and from how many rows."""

    id: str
    metric: str
    families: tuple[str, ...]
    tiers: tuple[Tier, ...]
    on: On
    real: Real
    amber: Limits
    red: Limits
    minimum: Minimum
    source: str

    def holds_for(self, family: str, tier: Tier) -> bool:
        return (not self.families or family in self.families) and (not self.tiers or tier in self.tiers)


@dataclass(frozen=True, slots=True)
class Wording:
    """How verdicts speak of a metric."""

    name: str
    unit: str
    next_step: str
    minimum: Minimum


@dataclass(frozen=True, slots=True)
class House:
    """Relative change of a house metric in its worse direction."""

    amber: float
    red: float
    minimum: Minimum


@dataclass(frozen=True, slots=True)
class Fairness:
    """Rules of the impact ratio and of gaps; `show_from`, `full_from` and `gap_from` are rows of the group."""

    amber_below: float
    red_below: float
    significance: float
    show_from: int
    full_from: int
    gap_from: int
    cell: int
    reference_from: int
    gap: float


@dataclass(frozen=True, slots=True)
class History:
    """When a column's own history calibrates its band: from so many earlier `windows` on (0: never).

    A window is within the band while the chance that an ordinary one shows as much is at least `chance` (1: there is
    no band); what was past the limit in each of the last `lasting` windows is no season. What a reference never held
    (unseen levels, values out of its range) has a band without any history: how rare such rows are, it tells itself.
    """

    windows: int = 0
    baseline: Baseline = Baseline.FIXED
    chance: float = 1.0
    lasting: int = 0


@dataclass(frozen=True, slots=True)
class Thresholds:
    significance: float
    min_label_share: float
    expected: int  # rows that a limit on a share must amount to
    metrics: Mapping[str, Wording]
    clauses: Mapping[str, tuple[Clause, ...]]  # by metric
    house: House
    fairness: Fairness
    silent: Silent
    estimates: Estimates
    history: History = History()
    budget: Budget = field(default_factory=Budget)
    alarm: Alarm = AT_ONCE

    @property
    def families(self) -> tuple[str, ...]:
        """Of models, as clauses name them; what none names is general."""
        named = (family for clauses in self.clauses.values() for clause in clauses for family in clause.families)
        return tuple(sorted({"general", *named}))


def read_thresholds(whole: Table) -> Thresholds:
    """The thresholds pack, checked: every clause names a known metric and has limits that make sense."""
    minimums = {key: _minimum(table, Minimum()) for key, table in whole.table("minimum").children()}
    metrics = {key: _wording(table, minimums) for key, table in whole.table("metrics").children()}
    clauses = [_clause(table, metrics) for table in whole.tables("clauses")]
    names = [clause.id for clause in clauses]
    for name in names:
        if names.count(name) > 1:
            whole.refuse(f"clauses[{name}]", "stands there twice, and verdicts name their clause by its id")
    settings = whole.table("settings")
    result = Thresholds(
        significance=settings.share("significance"),
        min_label_share=settings.share("min_label_share"),
        expected=settings.whole("expected", 0),
        metrics=metrics,
        clauses={key: tuple(clause for clause in clauses if clause.metric == key) for key in metrics},
        house=_house(whole.table("house"), minimums),
        fairness=_fairness(whole.table("fairness")),
        silent=read_silent(whole.table("silent")),
        estimates=read_estimates(whole.table("estimates")),
        history=_history(whole.table("history")) if whole.has("history") else History(),
        budget=read_budget(whole.table("budget")) if whole.has("budget") else Budget(),
        alarm=read_alarm(whole.table("alarm")) if whole.has("alarm") else AT_ONCE,
    )
    settings.done()
    whole.done()
    return result


def _minimum(table: Table, given: Minimum, *, whole: bool = True) -> Minimum:
    minimum = Minimum(
        n=table.whole("n", given.n),
        n_reference=table.whole("n_reference", given.n_reference),
        events=table.whole("events", given.events),
        non_events=table.whole("non_events", given.non_events),
    )
    if whole:
        table.done()
    return minimum


def _wording(table: Table, minimums: Mapping[str, Minimum]) -> Wording:
    group = table.text("minimum")
    if group not in minimums:
        table.refuse("minimum", f"names {group!r}, which is no [minimum] of this pack")
    wording = Wording(
        name=table.text("name"),
        unit=table.text("unit", ""),
        next_step=table.text("next_step"),
        minimum=minimums[group],
    )
    table.done()
    return wording


def _clause(table: Table, metrics: Mapping[str, Wording]) -> Clause:
    metric, on, real = table.text("metric"), table.choice("on", On), table.choice("real", Real)
    if metric not in metrics:
        table.refuse("metric", f"is {metric!r}, which has no [metrics.{metric}]")
    tiers = table.texts("tiers", ())
    if any(tier not in list(Tier) for tier in tiers):
        table.refuse("tiers", f"names an unknown tier: {', '.join(tiers)}")
    amber, red = _limits(table, "amber"), _limits(table, "red")
    if _outside(red, amber):
        side = "red_below" if table.has("red_below") and _outside(Limits(red.below, None), amber) else "red_above"
        table.refuse(side, "is reached before amber")
    clause = Clause(
        id=table.text("id"),
        metric=metric,
        families=table.texts("families", ()),
        tiers=tuple(Tier(tier) for tier in tiers),
        on=On(on),
        real=Real(real),
        amber=amber,
        red=red,
        minimum=_minimum(table, metrics[metric].minimum, whole=False),
        source=table.text("source"),
    )
    table.done()
    return clause


def _limits(table: Table, level: str) -> Limits:
    below, above = f"{level}_below", f"{level}_above"
    if not table.has(below) and not table.has(above):
        table.refuse(below, f"is missing, and so is '{above}'")
    return Limits(
        below=table.number(below) if table.has(below) else None,
        above=table.number(above) if table.has(above) else None,
        inclusive=table.flag("inclusive") if table.has("inclusive") else False,
    )


def _outside(red: Limits, amber: Limits) -> bool:
    low = red.below is not None and amber.below is not None and red.below > amber.below
    return low or (red.above is not None and amber.above is not None and red.above < amber.above)


def _house(table: Table, minimums: Mapping[str, Minimum]) -> House:
    house = House(table.number("amber"), table.number("red"), minimums.get("house", Minimum()))
    table.text("source")
    table.done()
    return house


def _history(table: Table) -> History:
    rules = History(
        windows=table.whole("windows"),
        baseline=Baseline(table.choice("baseline", Baseline)),
        chance=table.share("chance"),
        lasting=table.whole("lasting"),
    )
    table.text("source")
    table.done()
    return rules


def _fairness(table: Table) -> Fairness:
    rules = Fairness(
        amber_below=table.number("amber_below"),
        red_below=table.number("red_below"),
        significance=table.share("significance"),
        show_from=table.whole("show_from"),
        full_from=table.whole("full_from"),
        gap_from=table.whole("gap_from"),
        cell=table.whole("cell"),
        reference_from=table.whole("reference_from"),
        gap=table.number("gap"),
    )
    table.text("source")
    table.done()
    return rules
