"""Accounts of monitoring runs: how each came by its profiles, each bound to its event by its SHA-256."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def of_version(cursor: Cursor, model_id: str, version_id: str) -> tuple[StoredAccount, ...]:
    """Every account of a version's runs, the newest first."""
    rows: Sequence[tuple[str, int, str]] = cursor.execute(
        "select run_id, run_seq, content from run_account where model_id = ? and version_id = ? order by run_seq desc",
        [model_id, version_id],
    ).fetchall()
    return tuple(StoredAccount(*row) for row in rows)


def hashes(cursor: Cursor) -> dict[tuple[str, int], str]:
    """(run, its seq) -> hash of the stored text, recomputed for proof."""
    rows = cursor.execute("select run_id, run_seq, content from run_account").fetchall()
    return {(str(row[0]), int(row[1])): sha256(str(row[2])) for row in rows}
