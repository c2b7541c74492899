"""API tokens: their rows, what their secrets hash to, and when they were last used."""

from __future__ import annotations

import json
from datetime import datetime

from plumbline.domain.people import Role
from plumbline.domain.tokens import Token
from plumbline.store.database import Cursor, aware, aware_or_none, naive

COLUMNS = "token_id, user_id, label, role, models, issued_at, expires_at, revoked_at, used_at"


def of_person(cursor: Cursor, user_id: str) -> tuple[tuple[Token, datetime | None], ...]:
    """(token, last use) of all that a person was given, newest first."""
    rows = cursor.execute(
        f"""select {COLUMNS} from token left join token_secret using (token_id)
        where user_id = ? order by issued_at desc""",
        [user_id],
    ).fetchall()
    return tuple((_token(*row[:8]), aware_or_none(row[8])) for row in rows)


def by_secret(cursor: Cursor, secret_hash: str) -> tuple[Token, datetime | None] | None:
    """(token, last use) of a secret; None for one that was never given out."""
    row = cursor.execute(
        f"select {COLUMNS} from token join token_secret using (token_id) where secret_hash = ?", [secret_hash]
    ).fetchone()
    return (_token(*row[:8]), aware_or_none(row[8])) if row else None


def keep_secret(cursor: Cursor, token_id: str, secret_hash: str) -> None:
    cursor.execute("insert into token_secret values (?, ?, null)", [token_id, secret_hash])


def use(cursor: Cursor, token_id: str, at: datetime) -> None:
    cursor.execute("update token_secret set used_at = ? where token_id = ?", [naive(at), token_id])


def _token(
    token_id: str,
    user_id: str,
    label: str,
    role: str,
    models: str,
    issued_at: datetime,
    expires_at: datetime,
    revoked_at: datetime | None,
) -> Token:
    return Token(
        token_id=token_id,
        user_id=user_id,
        label=label,
        role=Role(role),
        models=tuple(json.loads(models)),
        issued_at=aware(issued_at),
        expires_at=aware(expires_at),
        revoked_at=aware_or_none(revoked_at),
    )
