"""Accounts of monitoring runs: how each came by its profiles, each bound to its event by its SHA-256."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from plumbline.domain.chain import sha256
from plumbline.store.database import Cursor, insert_rows
from plumbline.workflow.events import Recorded


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """`content` is canonical JSON."""

    run_id: str
    run_seq: int
    content: str


def insert_account(cursor: Cursor, recorded: Recorded, *, run_id: str, version_id: str, content: str) -> None:
    """Write a run's account beside its event; the caller holds the transaction."""
    row = (run_id, recorded.seq, recorded.entity_id, version_id, sha256(content), content)
    insert_rows(cursor, "run_account", [row])


def newest(cursor: Cursor, model_id: str, version_id: str, most: int) -> tuple[StoredAccount, ...]:
    """The accounts of a version's last runs, the newest first."""
    return _found(cursor, "model_id = ? and version_id = ?", [model_id, version_id], most)


def of_runs(cursor: Cursor, run_ids: Collection[str]) -> tuple[StoredAccount, ...]:
    """The accounts of these runs, where they left one."""
    return _found(cursor, "list_contains(?::varchar[], run_id)", [sorted(set(run_ids))], len(run_ids))


def _found(cursor: Cursor, condition: str, values: list[Any], most: int) -> tuple[StoredAccount, ...]:
    rows = cursor.execute(
        f"select run_id, run_seq, content from run_account where {condition} order by run_seq desc limit ?",
        [*values, most],
    ).fetchall()
    return tuple(StoredAccount(*row) for row in rows)


def hashes(cursor: Cursor) -> dict[tuple[str, int], str]:
    """(run, its seq) -> hash of the stored text, recomputed for proof."""
    rows = cursor.execute("select run_id, run_seq, content from run_account").fetchall()
    return {(str(row[0]), int(row[1])): sha256(str(row[2])) for row in rows}
