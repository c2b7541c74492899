"""Accounts: who is in the register, and the one fact that no event holds, the password's hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from plumbline.domain.people import EVERYWHERE, Grant, Person, Proposal, Review, Role, Scope, ScopeKind
from plumbline.store.database import Cursor, aware, naive

# Plain reads, put together here: one query over all four takes the engine ten times as long to plan.
ACCOUNTS = "select user_id, name, line_manager, active, origin, initial_password from account"
GRANTS = "select user_id, role, scope, value from role_grant"
PROPOSALS = "select user_id, role, scope, value, proposed_by, proposed_at from role_proposal"
REVIEWS = "select user_id, reviewed_by, reviewed_at from access_review"


def people(cursor: Cursor) -> tuple[Person, ...]:
    """Everyone in the register, disabled accounts included."""
    return _people(cursor, None)


def person(cursor: Cursor, user_id: str) -> Person | None:
    """One of them; None for a name that nobody has."""
    return next(iter(_people(cursor, user_id)), None)


def _people(cursor: Cursor, user_id: str | None) -> tuple[Person, ...]:
    def rows(query: str) -> list[tuple[Any, ...]]:
        one = (" where user_id = ?", [user_id]) if user_id is not None else ("", [])
        return cursor.execute(query + one[0], one[1]).fetchall()

    grants, proposals = defaultdict[str, list[Grant]](list), defaultdict[str, list[Proposal]](list)
    for name, *held in rows(GRANTS):
        grants[name].append(_grant(*held))
    for name, role, scope, value, by, at in rows(PROPOSALS):
        proposals[name].append(Proposal(_grant(role, scope, value), by, aware(at)))
    reviews = {name: Review(by, aware(at)) for name, by, at in rows(REVIEWS)}
    return tuple(
        _person(account, sorted(grants[account[0]]), proposals[account[0]], reviews.get(account[0]))
        for account in sorted(rows(ACCOUNTS))
    )


def _person(
    account: tuple[Any, ...], grants: Sequence[Grant], proposals: Sequence[Proposal], review: Review | None
) -> Person:
    user_id, name, line_manager, active, origin, initial_password = account
    return Person(
        user_id,
        name,
        tuple(sorted({grant.role for grant in grants})),
        line_manager,
        active,
        origin,
        initial_password,
        narrowed=tuple(grant for grant in grants if grant.scope != EVERYWHERE),
        proposals=tuple(sorted(proposals, key=lambda proposal: proposal.at)),
        review=review,
    )


def _grant(role: str, scope: str, value: str) -> Grant:
    return Grant(Role(role), Scope(ScopeKind(scope), value))


def set_password(cursor: Cursor, user_id: str, password_hash: str, at: datetime) -> None:
    """From now on the only one: what opened the account before is not kept."""
    cursor.execute("delete from credential where user_id = ?", [user_id])
    cursor.execute("insert into credential values (?, ?, ?)", [user_id, password_hash, naive(at)])


def password_hash(cursor: Cursor, user_id: str) -> str | None:
    """What the password hashes to; None if the account has none."""
    row = cursor.execute("select password_hash from credential where user_id = ?", [user_id]).fetchone()
    return str(row[0]) if row else None


def failures_in_a_row(cursor: Cursor, user_id: str, failed: str) -> tuple[datetime, ...]:
    """Failed sign-ins since the last proof that succeeded, newest first."""
    rows = cursor.execute(
        """select recorded_at from access where actor = ? and action = ? and seq >
            (select coalesce(max(seq), 0) from access where actor = ? and action in ('signed_in', 'reauthenticated'))
        order by seq desc""",
        [user_id, failed, user_id],
    ).fetchall()
    return tuple(aware(row[0]) for row in rows)


def accesses(cursor: Cursor, user_id: str, action: str, limit: int) -> tuple[datetime, ...]:
    """When a person last did this, newest first, from the access log."""
    rows = cursor.execute(
        "select recorded_at from access where actor = ? and action = ? order by seq desc limit ?",
        [user_id, action, limit],
    ).fetchall()
    return tuple(aware(row[0]) for row in rows)


def proof_used(cursor: Cursor, digest: str, since: datetime) -> bool:
    """Whether an answer of the house's provider has opened something since then."""
    row = cursor.execute(
        "select count(*) from access where recorded_at >= ? and json_extract_string(payload, '$.proof') = ?",
        [naive(since), digest],
    ).fetchone()
    return bool(row and row[0])
