"""Sessions of signed-in browsers: the rows that say until when a cookie stands for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plumbline.domain.people import Role
from plumbline.store.database import Cursor, aware, aware_or_none, naive

COLUMNS = """session_id, user_id, acting_role, zone, started_at, seen_at, ticket_hash is not null,
    offered, by_provider, proven_at"""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's stay; `seen_at` is known to within a minute, `waits` until its ticket is changed for a token.

    `offered` and `proven_at` as the house's provider said, where it signed the person in.
    """

    session_id: str
    user_id: str
    acting_role: Role
    zone: str
    started_at: datetime
    seen_at: datetime
    waits: bool
    offered: tuple[Role, ...] | None = None
    by_provider: bool = False
    proven_at: datetime | None = None


def insert(cursor: Cursor, session: Session, ticket_hash: str) -> None:
    """A stay that begins; its ticket waits to be changed for a token."""
    cursor.execute(
        "insert into session values (?, ?, ?, ?, ?, ?, ?, null, ?, ?, null, null)",
        [
            *(session.session_id, session.user_id, session.acting_role.value, session.zone),
            *(naive(session.started_at), naive(session.seen_at), ticket_hash),
            *(None if session.offered is None else ",".join(session.offered), session.by_provider),
        ],
    )


def by_id(cursor: Cursor, session_id: str) -> Session | None:
    return _one(cursor, "session_id", session_id)


def by_token(cursor: Cursor, token_hash: str) -> Session | None:
    return _one(cursor, "token_hash", token_hash)


def by_ticket(cursor: Cursor, ticket_hash: str) -> Session | None:
    return _one(cursor, "ticket_hash", ticket_hash)


def of_person(cursor: Cursor, user_id: str) -> tuple[Session, ...]:
    """All stays of a person, newest first."""
    rows = cursor.execute(
        f"select {COLUMNS} from session where user_id = ? order by started_at desc", [user_id]
    ).fetchall()
    return tuple(_session(*row) for row in rows)


def change_ticket(cursor: Cursor, session_id: str, token_hash: str) -> None:
    """The ticket is used up; from now on the token stands for the person."""
    cursor.execute(
        "update session set ticket_hash = null, token_hash = ? where session_id = ?", [token_hash, session_id]
    )


def see(cursor: Cursor, session_id: str, at: datetime) -> None:
    cursor.execute("update session set seen_at = ? where session_id = ?", [naive(at), session_id])


def act_as(cursor: Cursor, session_id: str, role: Role) -> None:
    cursor.execute("update session set acting_role = ? where session_id = ?", [role.value, session_id])


def prove(cursor: Cursor, session_id: str, at: datetime) -> None:
    cursor.execute("update session set proven_at = ? where session_id = ?", [naive(at), session_id])


def leave(cursor: Cursor, session_id: str, at: str) -> None:
    """The person goes to the provider from here, and is to be led back."""
    cursor.execute("update session set left_at = ? where session_id = ?", [at, session_id])


def left_at(cursor: Cursor, session_id: str) -> str | None:
    row = cursor.execute("select left_at from session where session_id = ?", [session_id]).fetchone()
    return row[0] if row else None


def remove(cursor: Cursor, session_id: str) -> None:
    cursor.execute("delete from session where session_id = ?", [session_id])


def remove_of_person(cursor: Cursor, user_id: str) -> None:
    cursor.execute("delete from session where user_id = ?", [user_id])


def remove_past(cursor: Cursor, started_before: datetime, seen_before: datetime) -> None:
    """What can never be resumed again."""
    cursor.execute(
        "delete from session where started_at < ? or seen_at < ?", [naive(started_before), naive(seen_before)]
    )


def _one(cursor: Cursor, column: str, value: str) -> Session | None:
    row = cursor.execute(f"select {COLUMNS} from session where {column} = ?", [value]).fetchone()
    return _session(*row) if row else None


def _session(
    session_id: str,
    user_id: str,
    role: str,
    zone: str,
    started_at: datetime,
    seen_at: datetime,
    waits: bool,
    offered: str | None,
    by_provider: bool,
    proven_at: datetime | None,
) -> Session:
    roles = None if offered is None else tuple(Role(each) for each in offered.split(",") if each)
    return Session(
        *(session_id, user_id, Role(role), zone, aware(started_at), aware(seen_at), waits),
        *(roles, by_provider, aware_or_none(proven_at)),
    )
