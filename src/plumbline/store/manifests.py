"""Pinned evidence: the texts that people read and sign, kept as they were."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from plumbline.domain.signoff import Manifest, ManifestItem
from plumbline.store.database import Cursor, aware, naive

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
    if known or not manifest.items:
        return
    cursor.register("incoming_items", _table(manifest))
    try:
        cursor.execute("insert into manifest_item by name select * from incoming_items")
    finally:
        cursor.unregister("incoming_items")


def items(cursor: Cursor, case_id: str, manifest_hash: str) -> tuple[ManifestItem, ...]:
    """The items of one manifest, in the order in which they were hashed."""
    rows = cursor.execute(ITEMS, [case_id, manifest_hash]).fetchall()
    return tuple(ManifestItem(row[0], row[1], row[2], row[3], aware(row[4]), row[5], row[6]) for row in rows)


def all_manifests(cursor: Cursor) -> tuple[tuple[str, str, int], ...]:
    """(case, hash, number of items) of every manifest that the log names."""
    rows = cursor.execute("select case_id, manifest_hash, items from manifest order by case_id, pinned_at").fetchall()
    return tuple((str(row[0]), str(row[1]), int(row[2])) for row in rows)


def _table(manifest: Manifest) -> pa.Table:
    count = len(manifest.items)
    columns: dict[str, Any] = {"case_id": [manifest.case_id] * count, "manifest_hash": [manifest.hash] * count}
    for name in ("kind", "id", "version", "sha256", "content", "binding"):
        columns[name] = [getattr(item, name) for item in manifest.items]
    recorded_at = pa.array([naive(item.recorded_at) for item in manifest.items], pa.timestamp("us"))
    return pa.table(columns | {"recorded_at": recorded_at})
