"""Where each model stands today: approval, validation, monitoring and findings, read from the log and the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from plumbline.domain.results import Level
from plumbline.domain.signoff import Finding, Severity
from plumbline.policy.load import Policy
from plumbline.policy.signoff import revalidate_months
from plumbline.services import reach
from plumbline.services.checks import counted_verdicts, measured_checks, with_late_data
from plumbline.services.clock import today
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.lateness import late_data, monitoring_due
from plumbline.services.views.standing import About, Check, CheckState, Standing
from plumbline.store import people
from plumbline.store.standing import Gathered
from plumbline.workflow.approval import Approval, approval, expiry
from plumbline.workflow.state import ModelState

SERIOUS = (Severity.CRITICAL, Severity.HIGH)


def standings(ctx: Context) -> tuple[Standing, ...]:
    """Every model, what needs attention first."""
    now = today(ctx).now
    with ctx.store.read() as cursor:
        models = [(one.model_id, one.current) for one in reach.registered(ctx, cursor)]
        states = [(state_of(cursor, model_id), version) for model_id, version in models]
    verdicts = _by_version(counted_verdicts(ctx))
    names = _names(ctx)
    found = [
        _standing(state, version, verdicts.get((state.id, version), []), names, ctx.policy, now)
        for state, version in states
    ]
    return tuple(sorted(found, key=urgency))


def standing_of(ctx: Context, state: ModelState, version: str, verdicts: Sequence[Gathered]) -> Standing:
    """One model's standing by the given version."""
    return _standing(state, version, verdicts, _names(ctx), ctx.policy, today(ctx).now)


def _names(ctx: Context) -> Mapping[str, str]:
    with ctx.store.read() as cursor:
        return {person.user_id: person.name for person in people.people(cursor)}


def urgency(one: Standing) -> tuple[bool, int, str, str]:
    """Active before not, worst before better, tier 1 before 3."""
    return (not one.active, -one.level.rank, one.about.tier, one.about.name)


def _by_version(found: Sequence[Gathered]) -> dict[tuple[str, str], list[Gathered]]:
    versions: dict[tuple[str, str], list[Gathered]] = defaultdict(list)
    for one in found:
        versions[one.model_id, one.version_id].append(one)
    return versions


def _standing(
    state: ModelState,
    version: str,
    verdicts: Sequence[Gathered],
    names: Mapping[str, str],
    policy: Policy,
    now: datetime,
) -> Standing:
    held = state.versions.get(version)
    granted = approval(state, version, now)
    findings = state.open_findings(version)
    overdue = [finding for finding in findings if finding.current_due < now.date()]
    conditions = [c for case in state.cases_of(version) for c in case.conditions if c.verified_at is None]
    validated, due = _validation(state, version, policy)
    monitored = max((one.window_end for one in verdicts if one.window_end), default=None)
    late = late_data(monitored, state.tier, now.date(), policy) if held and held.stage.active else None
    checks = (
        *with_late_data(measured_checks(verdicts, policy.thresholds.alarm), late),
        _explanation(state, version),
        _approval(granted),
        _findings(findings, overdue),
    )
    next_due, what = _next_due(granted, due, findings)
    return Standing(
        about=_about(state, names),
        version=version,
        stage=held.stage.replace("_", " ") if held else "registered",
        active=bool(held and held.stage.active),
        checks=checks,
        approval_effective=granted.effective,
        approval_reasons=granted.reasons,
        approved_until=granted.expires_at,
        conditions_open=len(conditions),
        conditions_overdue=sum(1 for held in conditions if held.condition.due < now.date()),
        validated_at=validated,
        validation_due=due,
        validation_asked=revalidate_months(state.tier, policy) is not None,
        monitored_until=monitored,
        monitoring_due=monitoring_due(monitored, state.tier, policy),
        monitoring=_monitoring(checks),
        findings=len(findings),
        findings_serious=sum(1 for finding in findings if finding.severity in SERIOUS),
        findings_overdue=sum(1 for finding in overdue if finding.severity in SERIOUS),
        critical_overdue=sum(1 for finding in overdue if finding.severity is Severity.CRITICAL),
        next_due=next_due,
        next_due_what=what,
    )


def _about(state: ModelState, names: Mapping[str, str]) -> About:
    entry = state.entry
    if entry is None:
        raise RuntimeError(f"model {state.id} stands in the register without an entry")
    return About(
        model_id=state.id,
        name=entry.name,
        purpose=entry.purpose,
        owner=names.get(entry.owner, entry.owner),
        owner_id=entry.owner,
        tier=state.tier.value,
        family=entry.family,
        task=entry.task,
        business_line=entry.business_line,
        affects_people=entry.affects_people,
        exposure=entry.exposure_amount,
        currency=entry.exposure_currency,
        vendor=entry.vendor_name,
        data_sources=entry.data_sources,
    )


def _validation(state: ModelState, version: str, policy: Policy) -> tuple[datetime | None, date | None]:
    signed = [case.report.signature.signed_at for case in state.cases_of(version) if case.report]
    if not signed:
        return None, None
    due = expiry(max(signed), revalidate_months(state.tier, policy))
    return max(signed), due.date() if due else None


def _monitoring(checks: Sequence[CheckState]) -> Level:
    judged = [state.level for state in checks if state.check.measured and state.level is not Level.GREY]
    return max(judged, key=lambda level: level.rank, default=Level.GREY)


def _explanation(state: ModelState, version: str) -> CheckState:
    found = [one for one in state.explanations if one.fact.version_id == version]
    if not found:
        return CheckState(Check.EXPLANATION, Level.GREY, "none stored", "No explanation of this version is stored.")
    when = found[-1].recorded_at
    reason = f"Explained on {found[-1].fact.rows} rows ({found[-1].fact.method}) on {when.day} {when:%b %Y}."
    return CheckState(Check.EXPLANATION, Level.GREEN, "stored", reason)


def _approval(granted: Approval) -> CheckState:
    until = granted.expires_at
    if granted.effective:
        words = f"until {until:%b %Y}" if until else "effective"
        return CheckState(Check.APPROVAL, Level.GREEN, words, "An approval is effective now.")
    words = "never approved" if not granted.case_id else "not effective"
    return CheckState(Check.APPROVAL, Level.RED, words, " ".join(granted.reasons))


def _findings(findings: Sequence[Finding], overdue: Sequence[Finding]) -> CheckState:
    """Overdue critical is a breach, overdue or serious is amber: the same limits as the board's figure."""
    serious = [finding for finding in findings if finding.severity in SERIOUS]
    if not findings:
        return CheckState(Check.FINDINGS, Level.GREEN, "none open", "No finding is open.")
    reason = f"{len(findings)} open, {len(serious)} of them critical or high, {len(overdue)} past due."
    critical = any(finding.severity is Severity.CRITICAL for finding in findings)
    if critical or any(finding.severity in SERIOUS for finding in overdue):
        return CheckState(Check.FINDINGS, Level.RED, f"{len(findings)} open", reason)
    level = Level.AMBER if serious or overdue else Level.WATCH
    return CheckState(Check.FINDINGS, level, f"{len(findings)} open", reason)


def _next_due(granted: Approval, validation: date | None, findings: Sequence[Finding]) -> tuple[date | None, str]:
    dates = [(finding.current_due, f"finding {finding.title}") for finding in findings]
    if granted.expires_at and granted.effective:
        dates.append((granted.expires_at.date(), "approval"))
    if validation:
        dates.append((validation, "validation"))
    return min(dates, default=(None, ""))
