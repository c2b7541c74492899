"""The board's figures held against its appetite, which is a policy pack that the board owns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from plumbline.domain.results import Level
from plumbline.policy.appetite import Appetite, Limit
from plumbline.services.views.figures import figure, significant
from plumbline.services.views.portfolio import Tile
from plumbline.services.views.standing import Check, Standing

Standings = Sequence[Standing]


def tiles(found: Standings, today: date, days_to_remediate: Sequence[float], appetite: Appetite) -> tuple[Tile, ...]:
    """The twelve figures over the models in use; `days_to_remediate` as shares of the policy's days, last 12 months."""
    used, limits = [one for one in found if one.active], appetite.limits
    makers: tuple[Callable[[Standings], Tile], ...] = (
        _in_use,
        lambda _: _register(limits["register"]),
        _unapproved,
        lambda some: _validations(some, today, appetite),
        _findings,
        lambda _: _remediation(days_to_remediate, limits["remediation"]),
        lambda some: _red(some, limits["red"]),
        lambda some: _coverage(some, today, limits["coverage"]),
        lambda some: _fair(some, today),
        lambda some: _conditions(some, limits["conditions"]),
        _overlays,
        lambda some: _concentration(some, limits["concentration"]),
    )
    return tuple(make(used) for make in makers)


def _in_use(used: Standings) -> Tile:
    tiers = [f"{sum(1 for one in used if one.about.tier == tier)} in tier {tier}" for tier in ("1", "2", "3")]
    return Tile("in_use", "Models in use", str(len(used)), "no limit, for information", None, ", ".join(tiers))


def _register(limit: Limit) -> Tile:
    return _unmeasured("register", "Inventory quality", _share(limit), "Yearly attestations are not recorded yet.")


def _unapproved(used: Standings) -> Tile:
    bad = [one for one in used if not one.approval_effective]
    level = Level.RED if any(one.about.tier == "1" for one in bad) else Level.AMBER if bad else Level.GREEN
    return _tile("unapproved", "In use without valid approval", str(len(bad)), "none", level, bad, used, "effective")


def _validations(used: Standings, today: date, appetite: Appetite) -> Tile:
    asked = [one for one in used if one.validation_asked]
    late = [one for one in asked if one.validation_due is None or one.validation_due < today]
    long_late = any(
        one.about.tier == "1" and (one.validation_due is None or one.validation_due + appetite.late_tier_one < today)
        for one in late
    )
    limit = appetite.limits["validations"]
    level = Level.RED if long_late else _held(len(late), len(asked), limit)
    words = f"{_share(limit)} of models"
    return _tile("validations", "Overdue validations", str(len(late)), words, level, late, asked, "validated in time")


def _findings(used: Standings) -> Tile:
    late = [one for one in used if one.findings_overdue]
    number, overdue = sum(one.findings_serious for one in used), sum(one.findings_overdue for one in used)
    critical = any(one.critical_overdue for one in used)
    level = Level.RED if critical else Level.AMBER if overdue else Level.GREEN
    note = f"{overdue} past due" + (f": {_names(late)}" if late else "")
    return Tile("findings", "Open critical and high findings", str(number), "none past due", level, note)


def _remediation(shares: Sequence[float], limit: Limit) -> Tile:
    if not shares:
        return _unmeasured(
            "remediation", "Days to remediate", "the policy's days", "No finding was closed in 12 months."
        )
    median = sorted(shares)[len(shares) // 2]
    value, allowed = f"{significant(median)} of the time allowed", f"{limit.amber:g} times the time allowed"
    return Tile(
        "remediation", "Days to remediate", value, allowed, limit.level(median), f"median of {len(shares)} closed"
    )


def _red(used: Standings, limit: Limit) -> Tile:
    words = f"{_share(limit)} of models"
    measured = [one for one in used if one.monitoring is not Level.GREY]
    if not measured:
        return _unmeasured("red", "Models in breach in monitoring", words, "No model has been measured.")
    red = [one for one in measured if one.monitoring is Level.RED]
    level = Level.RED if any(one.about.tier == "1" for one in red) else _held(len(red), len(measured), limit)
    title = "Models in breach in monitoring"
    return _tile("red", title, f"{len(red)} of {len(measured)}", words, level, red, measured, "not in breach")


def _coverage(used: Standings, today: date, limit: Limit) -> Tile:
    words = f"at least {_share(limit)}"
    if not used:
        return _unmeasured("coverage", "Monitoring coverage", words, "No model is in use.")
    late = [one for one in used if _outcomes_grey(one) or one.monitoring_due is None or one.monitoring_due < today]
    done = (len(used) - len(late)) / len(used)
    note = f"late or too little data: {_names(late)}" if late else "all on time, with enough data"
    return Tile("coverage", "Monitoring coverage", figure(done, "rate"), words, limit.level(done), note)


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


def _conditions(used: Standings, limit: Limit) -> Tile:
    conditional, expired = [one for one in used if one.conditions_open], [one for one in used if one.conditions_overdue]
    level = Level.RED if expired else _held(len(conditional), len(used), limit)
    note = f"past due: {_names(expired)}" if expired else _names(conditional) or "none open"
    return Tile(
        "conditions", "Approved under conditions", str(len(conditional)), f"{_share(limit)} of models", level, note
    )


def _overlays(_: Standings) -> Tile:
    return _unmeasured("overlays", "Overlays and incidents", "trend", "Overlays and incidents are not recorded yet.")


def _concentration(used: Standings, limit: Limit) -> Tile:
    title, words = "Concentration on one source", f"{_share(limit)} of exposure"
    money = [one for one in used if one.about.exposure]
    currencies = {one.about.currency for one in money}
    if len(money) < 2 or len(currencies) > 1:
        why = "Exposure is stated in several currencies." if len(currencies) > 1 else "Too few exposures are stated."
        return _unmeasured("concentration", title, words, why)
    total = sum(one.about.exposure or 0.0 for one in money)
    sources = {source for one in money for source in (*one.about.data_sources, one.about.vendor) if source}
    share, source = max(
        (
            sum(one.about.exposure or 0.0 for one in money if source in (*one.about.data_sources, one.about.vendor)),
            source,
        )
        for source in sources or {"none named"}
    )
    level = _held(share, total, limit)
    return Tile("concentration", title, figure(share / total, "rate"), words, level, source)


def _held(part: float, whole: float, limit: Limit) -> Level:
    return limit.level(part / whole) if whole else Level.GREY


def _share(limit: Limit) -> str:
    return f"{100 * limit.amber:g} %"


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
