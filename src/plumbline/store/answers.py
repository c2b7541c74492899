"""Answers kept under a client's own key, so that what is asked twice is done once."""

from __future__ import annotations

from datetime import datetime

from plumbline.store.database import Cursor, naive


def answer(cursor: Cursor, key_hash: str) -> tuple[str, str] | None:
    """(SHA-256 of what was asked, the answer to it) under a key; None for a new one."""
    row = cursor.execute("select asked_sha256, answer from answered where key_hash = ?", [key_hash]).fetchone()
    return (str(row[0]), str(row[1])) if row else None


def keep(cursor: Cursor, key_hash: str, asked_sha256: str, answer: str, at: datetime, *, forget: datetime) -> None:
    """The answer stands under its key from now on; those from before `forget` go."""
    cursor.execute("delete from answered where answered_at < ?", [naive(forget)])
    cursor.execute("insert into answered values (?, ?, ?, ?)", [key_hash, asked_sha256, answer, naive(at)])
