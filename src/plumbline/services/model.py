"""One model's dossier: its standing, its life, and what the register holds about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from plumbline.domain.errors import NotFound
from plumbline.domain.people import Person
from plumbline.domain.results import Level
from plumbline.domain.signoff import Finding, Severity
from plumbline.services import approvals, evidence, reach
from plumbline.services.checks import counted_verdicts, level_of, windows_of
from plumbline.services.clock import today
from plumbline.services.context import Context
from plumbline.services.history import told
from plumbline.services.standing import standing_of
from plumbline.services.views.figures import significant, window_words
from plumbline.services.views.model import (
    ChangeLine,
    Chip,
    Fact,
    FindingLine,
    LifeEvent,
    ModelView,
    UseLine,
    VersionLine,
)
from plumbline.services.views.standing import Check, Standing
from plumbline.services.views.status import WORDS
from plumbline.store import log, people
from plumbline.store.standing import Gathered
from plumbline.workflow.events import Recorded
from plumbline.workflow.guards import words
from plumbline.workflow.state import ModelState

SEVERITY = {
    Severity.CRITICAL: Level.RED,
    Severity.HIGH: Level.RED,
    Severity.MEDIUM: Level.AMBER,
    Severity.LOW: Level.WATCH,
}
SOON = timedelta(days=60)
People = Mapping[str, Person]


def model(ctx: Context, model_id: str, version: str) -> ModelView:
    """The page's view; NotFound for a model or version that was never registered."""
    with ctx.store.read() as cursor:
        reach.check(ctx, cursor, model_id)
        state = evidence.state_of(cursor, model_id)
        history = list(log.events(cursor, "model", model_id))
        register = {person.user_id: person for person in people.people(cursor)}
    if state.entry is None or version not in state.versions:
        raise NotFound(f"There is no model {model_id} {version}", remedy="Open it from the inventory.")
    verdicts = [one for one in counted_verdicts(ctx, model_id) if one.version_id == version]
    stands = standing_of(ctx, state, version, verdicts)
    cases = state.cases_of(version)
    day = today(ctx).now
    return ModelView(
        standing=stands,
        sentence=_sentence(stands),
        chips=_chips(stands, day.date()),
        life=tuple(sorted(_life(state, version, verdicts), key=lambda event: event.at)),
        facts=_facts(state, stands, register),
        versions=_versions(state, register),
        uses=_uses(state),
        limitations=(*state.entry.limitations, *state.entry.assumptions),
        findings=tuple(_finding(one, register) for one in _by_need(state.findings.values())),
        cases=tuple(approvals.line(state, case, None, ctx) for case in reversed(cases)),
        conditions=tuple(line for case in cases for line in approvals.conditions(case, register, day)),
        signatures=tuple(approvals.block(state, case, signed) for case in cases for signed in case.signatures),
        changes=tuple(_change(one, register) for one in reversed(history)),
    )


def _stage(one: Standing) -> str:
    return "in restricted use" if one.stage == "in use restricted" else one.stage


def _sentence(one: Standing) -> str:
    """What a reader must know first: not allowed, in breach, or standing."""
    name = f"{one.about.name} {one.version}"
    if one.active and not one.approval_effective:
        return f"{name} is in use without an effective approval: {' '.join(one.approval_reasons)}"
    past = [state.check for state in one.checks if state.check.measured and state.level is Level.RED]
    if past:
        return f"{name} is in breach on {_listed(past)}; it is {_stage(one)}."
    amber = [state.check for state in one.checks if state.check.measured and state.level is Level.AMBER]
    if amber:
        return f"{name} is past an amber limit on {_listed(amber)}; it is {_stage(one)}."
    if one.monitoring is Level.GREY:
        return f"{name} is {_stage(one)}; nothing about it could be judged yet."
    held_back = [state.check for state in one.checks if state.held_back]
    if held_back:
        yet = "it is past a limit, though not often enough yet to count against it"
        return f"{name} is {_stage(one)}; on {_listed(held_back)} {yet}."
    return f"{name} is {_stage(one)} and within its limits on everything that could be judged."


def _listed(checks: Sequence[Check]) -> str:
    *first, last = [check.value for check in checks]
    return f"{', '.join(first)} and {last}" if first else last


def _chips(one: Standing, today: date) -> tuple[Chip, ...]:
    approval = one.of(Check.APPROVAL)
    until = one.approved_until
    idle = Level.GREEN if one.approval_effective else Level.GREY
    approved = f"until {until.day} {until:%b %Y}" if one.approval_effective and until else approval.words
    return (
        Chip("Lifecycle", None, one.stage),
        Chip("Approval", approval.level if one.active else idle, approved),
        _validation(one, today),
        Chip("Monitoring", one.monitoring, WORDS[one.monitoring]),
    )


def _validation(one: Standing, today: date) -> Chip:
    if one.validated_at is None:
        return Chip("Validation", Level.GREY, "never validated")
    due = one.validation_due
    if due is None:
        return Chip("Validation", Level.GREEN, "validated, no fixed cycle")
    said = f"{due.day} {due:%b %Y}"
    if due < today:
        return Chip("Validation", Level.RED if one.active else Level.GREY, f"overdue since {said}")
    return Chip("Validation", Level.AMBER if due - today <= SOON else Level.GREEN, f"due {said}")


def _life(state: ModelState, version: str, verdicts: Sequence[Gathered]) -> Iterator[LifeEvent]:
    for held in state.versions.values():
        yield LifeEvent("Versions", held.registered_at, f"version {held.entry.id} registered")
    for case in state.cases_of(version):
        for signed in case.signatures:
            yield LifeEvent("Signatures", signed.signed_at, f"{signed.printed_name}: {words(signed.decision)}")
        if case.decided_at:
            until = case.expires_at
            yield LifeEvent("Approvals", case.decided_at, words(case.status), until=until)
    for finding in state.findings.values():
        yield LifeEvent(
            "Findings", finding.opened_at, f"{finding.severity}: {finding.title}", SEVERITY[finding.severity]
        )
    for label, found in windows_of(verdicts).items():
        ends = [one.window_end for one in found if one.window_end]
        if ends:
            level = level_of(found)
            yield LifeEvent("Monitoring", max(ends), f"{window_words(label)}: {WORDS[level]}", level)


def _facts(state: ModelState, one: Standing, register: People) -> tuple[Fact, ...]:
    entry = state.entry
    if entry is None:
        return ()
    named = {key: register[user].name if user in register else user for key, user in _people(state).items()}
    money = f"{significant(entry.exposure_amount)} {entry.exposure_currency}" if entry.exposure_amount else "not stated"
    facts = {
        "Purpose": entry.purpose,
        "What it does": entry.description,
        "Technique": entry.technique,
        "Tier": f"{state.tier.value}: {state.tier_because}",
        "Business line": f"{entry.business_line}, {entry.legal_entity}",
        "Jurisdictions": ", ".join(entry.jurisdictions),
        **{key: name for key, name in named.items() if name},
        "Automation": words(entry.automation),
        "Affects people": f"{'yes' if entry.affects_people else 'no'}, {entry.decision_domain}",
        "Exposure": money,
        "Decisions a year": f"{entry.decisions_per_year:,}" if entry.decisions_per_year else "not stated",
        "Data sources": ", ".join(entry.data_sources),
        "Vendor": entry.vendor_name,
        "Monitored until": one.monitored_until.strftime("%d %b %Y") if one.monitored_until else "never",
    }
    return tuple(Fact(field, value) for field, value in facts.items() if value)


def _people(state: ModelState) -> dict[str, str]:
    entry = state.entry
    if entry is None:
        return {}
    return {
        "Owner": entry.owner,
        "Developer": entry.developers[0] if entry.developers else "",
        "Validator": entry.validator,
        "Accountable executive": entry.accountable_executive,
        "Independent member": entry.independent_member,
    }


def _versions(state: ModelState, register: People) -> tuple[VersionLine, ...]:
    return tuple(
        VersionLine(
            version=held.entry.id,
            stage=words(held.stage),
            since=held.stage_since,
            registered_by=register[held.registered_by].name if held.registered_by in register else held.registered_by,
            artefact=held.entry.artefact or "none",
            artefact_sha256=held.entry.artefact_sha256,
            deployed="as approved" if held.deployed_sha256 == held.entry.artefact_sha256 else held.deployed_sha256[:12],
        )
        for held in state.versions.values()
    )


def _uses(state: ModelState) -> tuple[UseLine, ...]:
    return tuple(
        UseLine(
            use=use.id,
            purpose=use.purpose,
            users=", ".join(use.users),
            prohibited=", ".join(use.prohibited),
            boundaries="; ".join(use.boundaries),
        )
        for use in state.uses.values()
    )


def _by_need(findings: Iterable[Finding]) -> list[Finding]:
    """Open before closed, severe before mild, early due dates first."""
    order = list(Severity)
    return sorted(findings, key=lambda one: (one.closed_at is not None, order.index(one.severity), one.original_due))


def _finding(one: Finding, register: People) -> FindingLine:
    return FindingLine(
        level=SEVERITY[one.severity] if one.closed_at is None else Level.GREEN,
        severity=one.severity.value,
        title=one.title,
        category=one.category,
        status=words(one.status),
        owner=register[one.owner].name if one.owner in register else one.owner,
        opened_at=one.opened_at,
        original_due=one.original_due,
        due=one.current_due,
        description=one.description,
    )


def _change(one: Recorded, register: People) -> ChangeLine:
    who = register[one.actor].name if one.actor in register else one.actor
    return ChangeLine(one.seq, one.recorded_at, who, words(one.acting_role), told(one.event))
