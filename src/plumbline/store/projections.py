"""The tables that are made from the log: `rows(state)` says what they must hold, `rewrite` makes them hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from plumbline.domain.chain import canonical_json
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Grant, Person
from plumbline.domain.tokens import Token
from plumbline.store.database import Cursor, insert_rows, naive, naive_or_none
from plumbline.workflow.state import CaseState, ModelState

T = TypeVar("T")
Rows = dict[str, list[tuple[Any, ...]]]

# Rebuildable: rows that changed are deleted by what they are known by, their first columns, and written again.
REWRITTEN = {
    "model": ("model_id",),
    "model_version": ("model_id", "version_id"),
    "model_use": ("model_id", "use_id"),
    "sign_off_case": ("case_id",),
    "vote": ("case_id", "user_id"),
    "condition": ("case_id", "number"),
    "finding": ("finding_id",),
}
# Append-only: rows that are not there yet are added; triggers refuse the rest.
APPENDED = ("signature", "manifest", "monitoring_run")

BY_MODEL = ("model_version", "model_use", "sign_off_case", "finding", "monitoring_run")
BY_CASE = "case_id in (select case_id from sign_off_case where model_id = ?)"
OF_MODEL = {
    "vote": BY_CASE,
    "condition": BY_CASE,
    "signature": BY_CASE,
    "manifest": BY_CASE,
}


def rows(state: ModelState) -> Rows:
    """Every row, by table, that the log of this model amounts to."""
    return {
        "model": _model(state),
        "model_version": _versions(state),
        "model_use": [(state.id, use.id, use.purpose, canonical_json(to_plain(use))) for use in state.uses.values()],
        "sign_off_case": [_case(state.id, case) for case in state.cases.values()],
        "vote": [row for case in state.cases.values() for row in _votes(case)],
        "condition": [row for case in state.cases.values() for row in _conditions(case)],
        "finding": _findings(state),
        "signature": [row for case in state.cases.values() for row in _signatures(case)],
        "manifest": _manifests(state),
        "monitoring_run": _runs(state),
    }


def rewrite(cursor: Cursor, before: ModelState, after: ModelState) -> None:
    """Bring the tables from one state to the next, row by row that differs; the caller holds the transaction."""
    old, new = rows(_apart(before, after)), rows(_apart(after, before))
    for table, key in REWRITTEN.items():
        wanted, known_by = set(new[table]), " and ".join(f"{name} = ?" for name in key)
        for row in old[table]:
            if row not in wanted:
                cursor.execute(f"delete from {table} where {known_by}", row[: len(key)])
    for table in (*REWRITTEN, *APPENDED):
        known = set(old[table])
        insert_rows(cursor, table, [row for row in new[table] if row not in known])


def _apart(state: ModelState, other: ModelState) -> ModelState:
    """What of a state is not in the other as well: a model of a thousand findings is not written out for one more."""
    theirs = set(map(id, other.runs))
    return replace(
        state,
        versions=_not_in(state.versions, other.versions),
        uses=_not_in(state.uses, other.uses),
        cases=_not_in(state.cases, other.cases),
        findings=_not_in(state.findings, other.findings),
        runs=tuple(run for run in state.runs if id(run) not in theirs),
    )


def _not_in(mine: Mapping[str, T], theirs: Mapping[str, T]) -> dict[str, T]:
    """A fold makes anew what it changes, and hands the rest on as it is."""
    return {key: value for key, value in mine.items() if theirs.get(key) is not value}


def stored(cursor: Cursor, table: str, model_id: str) -> list[tuple[Any, ...]]:
    """What the table holds about a model."""
    where = OF_MODEL.get(table, "model_id = ?")
    return cursor.execute(f"select * from {table} where {where}", [model_id]).fetchall()


def person_rows(person: Person, tokens: Sequence[Token]) -> Rows:
    """Every row that one person's log amounts to."""
    return {
        "token": [
            (
                *(token.token_id, token.user_id, token.label, token.role.value, canonical_json(list(token.models))),
                *(naive(token.issued_at), naive(token.expires_at), naive_or_none(token.revoked_at)),
            )
            for token in tokens
        ],
        "account": [
            (
                *(person.user_id, person.name, person.line_manager, person.active),
                *(person.origin, person.initial_password),
            )
        ],
        "role_grant": [(person.user_id, *_told(grant)) for grant in person.grants],
        "role_proposal": [
            (person.user_id, *_told(proposal.grant), proposal.by, naive(proposal.at)) for proposal in person.proposals
        ],
        "access_review": [(person.user_id, review.by, naive(review.at)) for review in (person.review,) if review],
    }


def _told(grant: Grant) -> tuple[str, str, str]:
    return grant.role.value, grant.scope.kind.value, grant.scope.value


def rewrite_person(cursor: Cursor, person: Person, tokens: Sequence[Token]) -> None:
    for table, wanted in person_rows(person, tokens).items():
        cursor.execute(f"delete from {table} where user_id = ?", [person.user_id])
        insert_rows(cursor, table, wanted)


def stored_person(cursor: Cursor, table: str, user_id: str) -> list[tuple[Any, ...]]:
    return cursor.execute(f"select * from {table} where user_id = ?", [user_id]).fetchall()


def _model(state: ModelState) -> list[tuple[Any, ...]]:
    entry = state.entry
    if entry is None or state.registered_at is None:
        return []
    return [
        (
            *(state.id, entry.name, entry.owner, entry.family, entry.task, entry.business_line),
            *(state.tier.value, state.tier_because, entry.affects_people),
            *(entry.exposure_amount, entry.exposure_currency),
            *(naive(state.registered_at), canonical_json(to_plain(entry))),
        )
    ]


def _versions(state: ModelState) -> list[tuple[Any, ...]]:
    return [
        (
            *(state.id, version.entry.id, version.stage.value, naive(version.stage_since)),
            *(version.entry.artefact, version.entry.artefact_sha256, version.deployed_sha256),
            *(naive(version.registered_at), version.registered_by, canonical_json(to_plain(version.entry))),
        )
        for version in state.versions.values()
    ]


def _case(model_id: str, case: CaseState) -> tuple[Any, ...]:
    report = case.report
    return (
        *(case.id, model_id, case.version_id, case.use_id, case.case_type.value, case.status.value),
        *(case.requester, naive(case.opened_at), case.manifest_hash),
        report.outcome.value if report else "",
        report.signature.user_id if report else "",
        naive(report.signature.signed_at) if report else None,
        *(case.question, naive_or_none(case.decided_at), case.reason),
        *(naive_or_none(case.expires_at), case.binding_hash),
    )


def _votes(case: CaseState) -> list[tuple[Any, ...]]:
    return [
        (
            *(case.id, user_id, str(vote.signature.seat or ""), vote.signature.decision),
            *(vote.signature.manifest_hash, naive(vote.signature.signed_at), case.is_stale(vote)),
        )
        for user_id, vote in case.votes.items()
    ]


def _conditions(case: CaseState) -> list[tuple[Any, ...]]:
    return [
        (
            *(case.id, number, held.condition.text, held.condition.kind, held.condition.owner),
            *(held.condition.due, held.condition.blocking, held.verified_by, naive_or_none(held.verified_at)),
        )
        for number, held in enumerate(case.conditions)
    ]


def _findings(state: ModelState) -> list[tuple[Any, ...]]:
    return [
        (
            *(f.id, f.model_id, f.version, f.case_id, f.severity.value, f.category, f.title, f.raised_by, f.owner),
            *(naive(f.opened_at), f.original_due, f.current_due, f.status.value, naive_or_none(f.closed_at)),
            canonical_json(to_plain(f)),
        )
        for f in state.findings.values()
    ]


def _signatures(case: CaseState) -> list[tuple[Any, ...]]:
    return [
        (
            *(s.hash, seq, case.id, s.user_id, s.printed_name, s.acting_role.value, str(s.seat or ""), s.manifest_hash),
            *(s.decision, naive(s.signed_at), canonical_json(to_plain(s))),
        )
        for s, seq in zip(case.signatures, case.signature_seqs, strict=True)
    ]


def _manifests(state: ModelState) -> list[tuple[Any, ...]]:
    first: dict[tuple[str, str], tuple[datetime, int]] = {}
    for pin in state.pins:
        # Evidence that goes back to what it was is the same manifest again, not a second one.
        first.setdefault((pin.case_id, pin.manifest_hash), (naive(pin.pinned_at), pin.items))
    return [(*key, *value) for key, value in first.items()]


def _runs(state: ModelState) -> list[tuple[Any, ...]]:
    return [
        (
            *(run.fact.run_id, run.seq, state.id, run.fact.version_id, naive(run.recorded_at), run.recorded_by),
            *(canonical_json(list(run.fact.windows)), run.fact.results_sha256),
            *(canonical_json(list(run.fact.profile_hashes)), run.fact.policy_digest, run.fact.source),
            *(run.fact.rows, run.fact.quarantined, run.fact.observed_at),
        )
        for run in state.runs
    ]


def strangers(cursor: Cursor) -> tuple[str, str] | None:
    """(table, id) of a row about something that no event speaks of; None when there is none."""
    for table, key in (
        ("model", "model_id"),
        ("account", "user_id"),
        ("token", "user_id"),
        *((t, "model_id") for t in BY_MODEL),
    ):
        row = cursor.execute(
            f"select {key} from {table} where {key} not in (select entity_id from event) limit 1"
        ).fetchone()
        if row:
            return table, str(row[0])
    for table in OF_MODEL:
        row = cursor.execute(
            f"select case_id from {table} where case_id not in (select case_id from sign_off_case) limit 1"
        ).fetchone()
        if row:
            return table, str(row[0])
    return None
