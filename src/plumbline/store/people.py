"""Accounts: who is in the register, and the one fact that no event holds, the password's hash."""

from __future__ import annotations

from datetime import datetime

from plumbline.domain.people import Person, Role
from plumbline.store.database import Cursor, aware, naive

PEOPLE = """
select account.user_id, name, line_manager, active, origin, initial_password,
    list(role order by role) filter (role is not null)
from account left join role_grant using (user_id)
where ? is null or account.user_id = ?
group by all
order by account.user_id
"""


def people(cursor: Cursor) -> tuple[Person, ...]:
    """Everyone in the register, disabled accounts included."""
    return _people(cursor, None)


def person(cursor: Cursor, user_id: str) -> Person | None:
    """One of them; None for a name that nobody has."""
    return next(iter(_people(cursor, user_id)), None)


def _people(cursor: Cursor, user_id: str | None) -> tuple[Person, ...]:
    return tuple(
        Person(row[0], row[1], tuple(Role(role) for role in row[6] or ()), *row[2:6])
        for row in cursor.execute(PEOPLE, [user_id, user_id]).fetchall()
    )


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
