"""Profiles as the bytes that monitoring counted them into, each bound to its run by its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from plumbline.domain.chain import sha256
from plumbline.domain.results import Window
from plumbline.store.database import Cursor, aware_or_none, insert_rows, naive_or_none
from plumbline.workflow.events import Recorded

COLUMNS = 'run_id, run_seq, version_id, "window", window_start, window_end, sha256, content'


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """`sha256` is the hash of exactly `content`."""

    run_id: str
    run_seq: int
    version_id: str
    window: Window
    sha256: str
    content: bytes


def insert_profiles(
    cursor: Cursor, recorded: Recorded, *, run_id: str, version_id: str, profiles: Sequence[tuple[Window, bytes]]
) -> None:
    """Write a run's profiles beside its event; the caller holds the transaction."""
    rows = [
        (
            *(run_id, recorded.seq, recorded.entity_id, version_id),
            *(window.label, naive_or_none(window.start), naive_or_none(window.end), sha256(content), content),
        )
        for window, content in profiles
    ]
    insert_rows(cursor, "profile", rows)


def current(
    cursor: Cursor, model_id: str, version_id: str, *, windows: Sequence[str] | None = None
) -> tuple[StoredProfile, ...]:
    """The latest profile of each window (the reference included), in order of window."""
    rows = cursor.execute(
        f"""select {COLUMNS} from profile
        where model_id = ? and version_id = ? and (? or list_contains(?, "window"))
        qualify run_seq = max(run_seq) over (partition by "window")
        order by window_start nulls first, "window" """,
        [model_id, version_id, windows is None, list(windows or ())],
    ).fetchall()
    return tuple(_stored(row) for row in rows)


def by_hash(cursor: Cursor, model_id: str, version_id: str, hashes: Iterable[str]) -> dict[str, StoredProfile]:
    """The profiles with these hashes, as first stored; bytes that no longer give their hash are left out."""
    rows = cursor.execute(
        f"select {COLUMNS} from profile where model_id = ? and version_id = ? and list_contains(?::varchar[], sha256)",
        [model_id, version_id, list(hashes)],
    ).fetchall()
    # The first is found here: ordering in the engine would carry every profile's bytes through the sort.
    first = {row[6]: _stored(row) for row in sorted(rows, key=lambda row: row[1], reverse=True)}
    return {mark: each for mark, each in first.items() if sha256(each.content) == mark}


def current_hashes(cursor: Cursor, model_id: str, version_id: str) -> tuple[tuple[str, str, str], ...]:
    """(window, run, hash) of the latest profile of each window, without reading the profiles."""
    rows = cursor.execute(
        """select "window", arg_max(run_id, run_seq), arg_max(sha256, run_seq) from profile
        where model_id = ? and version_id = ? group by "window" order by 1""",
        [model_id, version_id],
    ).fetchall()
    return tuple((str(row[0]), str(row[1]), str(row[2])) for row in rows)


def hashes_by_run(cursor: Cursor) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """(run, its seq) -> (hash as stored, hash of the stored bytes) of each profile, recomputed for proof."""
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for run_id, seq, told, actual in cursor.execute(
        "select run_id, run_seq, sha256, sha256(content) from profile"
    ).fetchall():
        found.setdefault((str(run_id), int(seq)), []).append((str(told), str(actual)))
    return found


def _stored(row: tuple[Any, ...]) -> StoredProfile:
    window = Window(row[3], aware_or_none(row[4]), aware_or_none(row[5]))
    return StoredProfile(row[0], row[1], row[2], window, row[6], bytes(row[7]))
