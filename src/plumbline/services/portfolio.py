"""The estate in ten seconds: within appetite or not, what changed, what to decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from plumbline.domain.results import Level
from plumbline.domain.signoff import Finding, FindingStatus
from plumbline.policy.signoff import finding_due
from plumbline.services import appetite, evidence, reach
from plumbline.services.checks import counted_verdicts, level_of, windows_of
from plumbline.services.clock import today
from plumbline.services.context import Context
from plumbline.services.integrity import head
from plumbline.services.standing import standings
from plumbline.services.views.figures import figure
from plumbline.services.views.portfolio import PortfolioView, Tile
from plumbline.services.views.standing import Standing
from plumbline.services.views.status import worst
from plumbline.store.standing import Gathered
from plumbline.workflow.state import ModelState

QUARTER, YEAR = timedelta(days=92), timedelta(days=366)


def portfolio(ctx: Context) -> PortfolioView:
    """The page's view; an empty estate says so."""
    now = today(ctx).now
    models = standings(ctx)
    with ctx.store.read() as cursor:
        states = [evidence.state_of(cursor, one.model_id) for one in reach.registered(ctx, cursor)]
    findings = [finding for state in states for finding in state.findings.values()]
    tiles = (
        appetite.tiles(models, now.date(), _shares_of_time(ctx, findings, now), ctx.policy.appetite) if models else ()
    )
    used = tuple(one for one in models if one.active)
    return PortfolioView(
        sentence=_sentence(tiles),
        level=worst(tile.level for tile in tiles if tile.level not in (None, Level.GREY) and tile.level),
        changes=_changes(ctx, used, states, findings, now),
        tiles=tiles,
        models=used,
        footer=_footer(ctx, used, now),
    )


def _sentence(tiles: Sequence[Tile]) -> str:
    held = [tile for tile in tiles if tile.level is not None]
    if not held:
        return "No model is registered yet, so there is nothing to judge."
    within = sum(1 for tile in held if tile.level in (Level.GREEN, Level.WATCH))
    parts = [f"Within appetite on {within} of {len(held)} measures"]
    for level, words in ((Level.RED, "breached"), (Level.AMBER, "past an amber limit")):
        number = sum(1 for tile in held if tile.level is level)
        parts += [f"{number} {words}"] if number else []
    grey = sum(1 for tile in held if tile.level is Level.GREY)
    parts += [f"{grey} cannot be measured"] if grey else []
    return "; ".join(parts) + "."


def _shares_of_time(ctx: Context, findings: Sequence[Finding], now: datetime) -> list[float]:
    """Days from opening to verified closure, as shares of the days that the policy allows, over twelve months."""
    return [
        (finding.closed_at - finding.opened_at) / timedelta(days=finding_due(finding.severity, ctx.policy).days)
        for finding in findings
        if finding.closed_at and finding.closed_at >= now - YEAR
    ]


def _changes(
    ctx: Context, used: Sequence[Standing], states: Sequence[ModelState], findings: Sequence[Finding], now: datetime
) -> tuple[str, ...]:
    """Three sentences on the last quarter: monitoring, findings, decisions."""
    if not used:
        return ()
    since = now - QUARTER
    opened = sum(1 for finding in findings if finding.opened_at >= since)
    closed = sum(1 for finding in findings if finding.closed_at and finding.closed_at >= since)
    still = sum(1 for finding in findings if finding.status is not FindingStatus.VERIFIED_CLOSED)
    cases = [case for state in states for case in state.cases.values()]
    decided = [case for case in cases if case.decided_at and case.decided_at >= since]
    waiting = sum(1 for case in cases if case.open)
    return (
        _new_reds(ctx, used, since),
        f"Findings: {opened} opened and {closed} closed in the last quarter; {still} open now.",
        f"Decisions: {len(decided)} taken in the last quarter; {waiting} asked for now.",
    )


def _new_reds(ctx: Context, used: Sequence[Standing], since: datetime) -> str:
    """Models in breach now whose windows a quarter ago were not."""
    found = counted_verdicts(ctx)
    new, back = [], []
    for one in used:
        mine = [g for g in found if (g.model_id, g.version_id) == (one.about.model_id, one.version)]
        before = [window for window in windows_of(mine).values() if _ended_before(window, since)]
        was_red = bool(before) and level_of(before[-1]) is Level.RED
        if one.monitoring is Level.RED and not was_red:
            new.append(one.about.name)
        if one.monitoring is not Level.RED and was_red:
            back.append(one.about.name)
    said = f"Monitoring: {', '.join(new)} came into breach" if new else "Monitoring: no model came into breach"
    return f"{said} in the last quarter; {', '.join(back) or 'none'} came back."


def _ended_before(window: Sequence[Gathered], since: datetime) -> bool:
    ends = [one.window_end for one in window if one.window_end]
    return bool(ends) and max(ends) <= since


def _footer(ctx: Context, used: Sequence[Standing], now: datetime) -> str:
    seq, hashed = head(ctx)
    measured = sum(1 for one in used if one.monitoring is not Level.GREY)
    share = figure(measured / len(used), "rate") if used else "not measured"
    policy = f"policy {ctx.policy.digest[:12]}"
    as_of = f"As of {now.day} {now:%b %Y %H:%M} UTC"
    return f"{as_of} · models with a verdict: {share} · {policy} · log entry {seq}, head {hashed[:12]}"
