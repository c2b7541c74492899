"""The board's figures held against appetite; the limits are starting points that the board owns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from plumbline.domain.results import Level
from plumbline.services.views.figures import figure, significant
from plumbline.services.views.portfolio import Tile
from plumbline.services.views.standing import Check, Standing

Standings = Sequence[Standing]
LATE_TIER_ONE = timedelta(days=30)


def tiles(found: Standings, today: date, days_to_remediate: Sequence[float]) -> tuple[Tile, ...]:
    """The twelve figures over the models in use; `days_to_remediate` as shares of the policy's days, last 12 months."""
    used = [one for one in found if one.active]
    makers: tuple[Callable[[Standings], Tile], ...] = (
        _in_use,
        _register,
        _unapproved,
        lambda some: _validations(some, today),
        _findings,
        lambda _: _remediation(days_to_remediate),
        _red,
        lambda some: _coverage(some, today),
        lambda some: _fair(some, today),
        _conditions,
        _overlays,
        _concentration,
    )
    return tuple(make(used) for make in makers)


def _in_use(used: Standings) -> Tile:
    tiers = [f"{sum(1 for one in used if one.about.tier == tier)} in tier {tier}" for tier in ("1", "2", "3")]
    return Tile("in_use", "Models in use", str(len(used)), "no limit, for information", None, ", ".join(tiers))


def _register(_: Standings) -> Tile:
    return _unmeasured("register", "Inventory quality", "98 %", "Yearly attestations are not recorded yet.")


def _unapproved(used: Standings) -> Tile:
    bad = [one for one in used if not one.approval_effective]
    level = Level.RED if any(one.about.tier == "1" for one in bad) else Level.AMBER if bad else Level.GREEN
    return _tile("unapproved", "In use without valid approval", str(len(bad)), "none", level, bad, used, "effective")


def _validations(used: Standings, today: date) -> Tile:
    asked = [one for one in used if one.validation_asked]
    late = [one for one in asked if one.validation_due is None or one.validation_due < today]
    long_late = any(
        one.about.tier == "1" and (one.validation_due is None or one.validation_due + LATE_TIER_ONE < today)
        for one in late
    )
    level = Level.RED if long_late else _above(len(late), len(asked), 0.02, 0.05)
    return _tile(
        "validations", "Overdue validations", str(len(late)), "2 % of models", level, late, asked, "validated in time"
    )


def _findings(used: Standings) -> Tile:
    late = [one for one in used if one.findings_overdue]
    number, overdue = sum(one.findings_serious for one in used), sum(one.findings_overdue for one in used)
    critical = any(one.critical_overdue for one in used)
    level = Level.RED if critical else Level.AMBER if overdue else Level.GREEN
    note = f"{overdue} past due" + (f": {_names(late)}" if late else "")
    return Tile("findings", "Open critical and high findings", str(number), "none past due", level, note)


def _remediation(shares: Sequence[float]) -> Tile:
    if not shares:
        return _unmeasured(
            "remediation", "Days to remediate", "the policy's days", "No finding was closed in 12 months."
        )
    median = sorted(shares)[len(shares) // 2]
    level = Level.RED if median > 1.5 else Level.AMBER if median > 1 else Level.GREEN
    value = f"{significant(median)} of the time allowed"
    return Tile("remediation", "Days to remediate", value, "the time allowed", level, f"median of {len(shares)} closed")


def _red(used: Standings) -> Tile:
    measured = [one for one in used if one.monitoring is not Level.GREY]
    if not measured:
        return _unmeasured("red", "Models in breach in monitoring", "5 % of models", "No model has been measured.")
    red = [one for one in measured if one.monitoring is Level.RED]
    level = Level.RED if any(one.about.tier == "1" for one in red) else _above(len(red), len(measured), 0.05, 0.10)
    title = "Models in breach in monitoring"
    return _tile("red", title, f"{len(red)} of {len(measured)}", "5 % of models", level, red, measured, "not in breach")


def _coverage(used: Standings, today: date) -> Tile:
    if not used:
        return _unmeasured("coverage", "Monitoring coverage", "95 %", "No model is in use.")
    late = [one for one in used if _outcomes_grey(one) or one.monitoring_due is None or one.monitoring_due < today]
    done = (len(used) - len(late)) / len(used)
    level = Level.GREEN if done >= 0.95 else Level.AMBER if done >= 0.90 else Level.RED
    note = f"late or too little data: {_names(late)}" if late else "all on time, with enough data"
    return Tile("coverage", "Monitoring coverage", figure(done, "rate"), "at least 95 %", level, note)


def _outcomes_grey(one: Standing) -> bool:
    """Drift may be judged while nobody can say how well the model does: that is too little data, not coverage."""
    return all(one.of(check).level is Level.GREY for check in (Check.PERFORMANCE, Check.CALIBRATION))


def _fair(used: Standings, today: date) -> Tile:
    people = [one for one in used if one.about.affects_people]
    if not people:
        return _unmeasured("fair", "Fair treatment tested", "all", "No model in use decides about people.")
    tested = [
        one
        for one in people
        if one.of(Check.FAIRNESS).level is not Level.GREY and one.monitoring_due and one.monitoring_due >= today
    ]
    red = [one for one in tested if one.of(Check.FAIRNESS).level is Level.RED]
    level = Level.RED if red else Level.GREEN if len(tested) == len(people) else Level.AMBER
    untested = [one for one in people if one not in tested]
    note = f"in breach: {_names(red)}" if red else f"not tested: {_names(untested)}" if untested else "none in breach"
    return Tile("fair", "Fair treatment tested", f"{len(tested)} of {len(people)}", "all, none in breach", level, note)


def _conditions(used: Standings) -> Tile:
    conditional, expired = [one for one in used if one.conditions_open], [one for one in used if one.conditions_overdue]
    level = Level.RED if expired else _above(len(conditional), len(used), 0.05, 1.0)
    note = f"past due: {_names(expired)}" if expired else _names(conditional) or "none open"
    return Tile("conditions", "Approved under conditions", str(len(conditional)), "5 % of models", level, note)


def _overlays(_: Standings) -> Tile:
    return _unmeasured("overlays", "Overlays and incidents", "trend", "Overlays and incidents are not recorded yet.")


def _concentration(used: Standings) -> Tile:
    title, limit = "Concentration on one source", "25 % of exposure"
    money = [one for one in used if one.about.exposure]
    currencies = {one.about.currency for one in money}
    if len(money) < 2 or len(currencies) > 1:
        why = "Exposure is stated in several currencies." if len(currencies) > 1 else "Too few exposures are stated."
        return _unmeasured("concentration", title, limit, why)
    total = sum(one.about.exposure or 0.0 for one in money)
    sources = {source for one in money for source in (*one.about.data_sources, one.about.vendor) if source}
    share, source = max(
        (
            sum(one.about.exposure or 0.0 for one in money if source in (*one.about.data_sources, one.about.vendor)),
            source,
        )
        for source in sources or {"none named"}
    )
    level = _above(share, total, 0.25, 0.40)
    return Tile("concentration", title, figure(share / total, "rate"), limit, level, source)


def _above(part: float, whole: float, amber: float, red: float) -> Level:
    if not whole:
        return Level.GREY
    share = part / whole
    return Level.RED if share > red else Level.AMBER if share > amber else Level.GREEN


def _unmeasured(key: str, title: str, limit: str, why: str) -> Tile:
    return Tile(key, title, "not measured", limit, Level.GREY, why)


def _tile(
    key: str, title: str, value: str, limit: str, level: Level, bad: Standings, all_of: Standings, good: str
) -> Tile:
    note = _names(bad) if bad else f"all {len(all_of)} {good}"
    return Tile(key, title, value, limit, level if all_of else Level.GREY, note)


def _names(some: Standings) -> str:
    """The first three by name, and how many more."""
    named = ", ".join(one.about.name for one in some[:3])
    return f"{named} and {len(some) - 3} more" if len(some) > 3 else named
