"""Pinned evidence: the texts that people read and sign, kept as they were."""

from __future__ import annotations

from typing import Any

from plumbline.domain.signoff import Manifest, ManifestItem
from plumbline.store.database import Cursor, aware, insert_rows, naive

ITEMS = """
select kind, id, version, sha256, recorded_at, content, binding from manifest_item
where case_id = ? and manifest_hash = ?
order by kind, id, version
"""


def insert_items(cursor: Cursor, manifest: Manifest) -> None:
    """Keep the items, unless this very manifest of the case is kept already; the caller holds the transaction."""
    known = cursor.execute(
        "select 1 from manifest_item where case_id = ? and manifest_hash = ? limit 1", [manifest.case_id, manifest.hash]
    ).fetchone()
    if not known:
        insert_rows(
            cursor, "manifest_item", [(manifest.case_id, manifest.hash, *_row(item)) for item in manifest.items]
        )


def items(cursor: Cursor, case_id: str, manifest_hash: str) -> tuple[ManifestItem, ...]:
    """The items of one manifest, in the order in which they were hashed."""
    rows = cursor.execute(ITEMS, [case_id, manifest_hash]).fetchall()
    return tuple(ManifestItem(row[0], row[1], row[2], row[3], aware(row[4]), row[5], row[6]) for row in rows)


def all_manifests(cursor: Cursor) -> tuple[tuple[str, str, int], ...]:
    """(case, hash, number of items) of every manifest that the log names."""
    rows = cursor.execute("select case_id, manifest_hash, items from manifest order by case_id, pinned_at").fetchall()
    return tuple((str(row[0]), str(row[1]), int(row[2])) for row in rows)


def _row(item: ManifestItem) -> tuple[Any, ...]:
    return (item.kind, item.id, item.version, item.sha256, naive(item.recorded_at), item.content, item.binding)
