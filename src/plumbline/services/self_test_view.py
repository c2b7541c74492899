"""A self-test in words: what stands beside a list of columns, and the whole of it for the command line."""

from __future__ import annotations

from collections.abc import Sequence

from plumbline.domain.self_test import COLUMNS, AlarmRate, Kept, PartRates, SelfTest, Smallest
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.stored import Subject
from plumbline.services.views import figures

VERDICTS = {
    Kept.KEPT: "kept",
    Kept.BROKEN: "not kept",
    Kept.OPEN: "neither kept nor broken beyond chance: draw more windows",
}
MOST = 3  # figures that are named
OTHER_POLICY = " The policy has changed since."


def told(ctx: Context, subject: Subject) -> str:
    """What the newest self-test of the version says of columns and the budget; how to run one where there is none."""
    with ctx.store.read() as cursor:
        tests = state_of(cursor, subject.model_id).self_tests
    mine = [one for one in tests if one.fact.version_id == subject.version]
    if not mine:
        run = f"plumbline selftest {subject.model_id} {subject.version}"
        return f"How often these verdicts alarm where nothing drifts was not tried yet: run `{run}`."
    fact, day = mine[-1].fact, mine[-1].recorded_at
    said = f"Self-test of {day.day} {day:%b %Y} {_joined(_first(fact.found))}"
    return said if fact.policy_digest == ctx.policy.digest else said + OTHER_POLICY


def sentences(found: SelfTest) -> str:
    """What it found, from "on counts without drift" on.

    >>> rate = AlarmRate(0, 180, 0.0, 0.021)
    >>> rates = tuple(PartRates(part=part, red=rate, shown=rate, alarm=rate) for part in ("", COLUMNS))
    >>> test = SelfTest(rows=900, fewest=900, most=900, reference_rows=5000, lives=15, seed=1, rates=rates,
    ...     a_year=12.0, false_reds=1.0, numeric=None, categorical=None)
    >>> for part in sentences(test).replace(". ", "; ").split("; ")[:3]:
    ...     print(part)
    on counts without drift, n 900 a window: of 180 windows none red (95 % 0 to 2.10 %)
    budget of 1 false red a year: kept
    Columns alone: none amber or red (95 % 0 to 2.10 %)
    """
    whole = found.whole
    further = [f"All figures: {_share(whole.shown, 'amber or red beyond chance')}{_unproven(whole)}"]
    further += [_standing(found.standing)] if found.standing else []
    return _joined([*_first(found), *further])


def _first(found: SelfTest) -> list[str]:
    """What concerns a list of columns."""
    whole, windows = found.whole, figures.count(found.whole.red.of)
    said = f"on counts without drift, n {_rows(found)} a window: of {windows} windows {_share(whole.red, 'red')}"
    reds = "1 false red" if found.false_reds == 1 else f"{found.false_reds:g} false reds"
    parts = [f"{said}{_where(found)}; budget of {reds} a year: {_budget(found)}"]
    parts += [f"Columns alone: {_share(each.alarm, 'amber or red')}" for each in found.rates if each.part == COLUMNS]
    parts += _power(found)
    return [*parts, *([f"Left out: {'; '.join(found.left_out)}"] if found.left_out else [])]


def _joined(parts: Sequence[str]) -> str:
    return " ".join(f"{part}." for part in parts)


def _rows(found: SelfTest) -> str:
    if found.fewest == found.most:
        return figures.count(found.rows)
    return f"{figures.count(found.fewest)} to {figures.count(found.most)}"


def _share(rate: AlarmRate, what: str) -> str:
    share = figures.figure(rate.share, "rate") if rate.windows else "none"
    return f"{share} {what} (95 % {figures.significant(100 * rate.low)} to {figures.figure(rate.high, 'rate')})"


def _where(found: SelfTest) -> str:
    """Which figures the red ones are."""
    red = [f"{each.part} {figures.figure(each.red.share, 'rate')}" for each in found.rates[1:] if each.red.windows]
    return f", that is in {' and '.join(red)}" if red else ""


def _standing(figures_past: Sequence[str]) -> str:
    some = ", ".join(figures_past[:MOST])
    more = f" and {len(figures_past) - MOST} more" if len(figures_past) > MOST else ""
    return f"Not false, so not counted: what is past its limit in all rows pooled ({some}{more})"


def _unproven(whole: PartRates) -> str:
    """Windows in which the only alarms are past a limit without being shown beyond chance."""
    more = (whole.alarm.windows - whole.shown.windows) / whole.alarm.of
    return f", {figures.figure(more, 'rate')} more amber as unproven" if more else ""


def _budget(found: SelfTest) -> str:
    rate = found.whole.red
    if not rate.windows:
        return VERDICTS[found.kept]
    a_year = figures.significant(rate.share * found.a_year, 2)
    return f"{VERDICTS[found.kept]} ({a_year} measured)"


def _power(found: SelfTest) -> list[str]:
    said = [
        _smallest("a number", "standard deviations", found.numeric),
        _smallest("a mix of levels", "of PSI", found.categorical),
    ]
    known = [each for each in said if each]
    return [f"Smallest shift seen in 90 % of windows: {'; '.join(known)}"] if known else []


def _smallest(of: str, unit: str, found: Smallest | None) -> str:
    if found is None:
        return ""
    if found.noticed is None:
        return f"of {of} none that was tried"
    noticed = f"of {of} about {figures.significant(found.noticed, 2)} {unit} to be watched"
    if found.alarmed is None:
        return f"{noticed}, none that was tried to be amber or red"
    return f"{noticed}, {figures.significant(found.alarmed, 2)} to be amber or red"
