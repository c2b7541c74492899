"""The hash chain: what an entry of the log is, how it is linked, and where a chain first breaks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from plumbline.domain.payload import utc_moment, utc_text

GENESIS = "0" * 64


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, no NaN.

    >>> canonical_json({"b": 1, "a": [None, "é"]})
    '{"a":[null,"é"],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(text: str | bytes) -> str:
    """Hexadecimal SHA-256 of a text in UTF-8, or of bytes."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def digest_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the rows' canonical JSON lines, sorted: the same rows in any order give the same digest.

    >>> digest_of([{"a": 1}, {"a": 2}]) == digest_of([{"a": 2}, {"a": 1}])
    True
    """
    return sha256("\n".join(sorted(canonical_json(row) for row in rows)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a log, before it is linked; `payload` is plain JSON."""

    seq: int
    recorded_at: datetime
    actor: str
    acting_role: str
    action: str
    entity: str
    entity_id: str
    payload: Mapping[str, Any]
    reason: str = ""
    manifest_hash: str = ""

    def record(self) -> str:
        """The stored text of all columns but the hashes; this is what the chain protects."""
        return canonical_json(
            {
                "seq": self.seq,
                "recorded_at": utc_text(self.recorded_at),
                "actor": self.actor,
                "acting_role": self.acting_role,
                "action": self.action,
                "entity": self.entity,
                "entity_id": self.entity_id,
                "payload": self.payload,
                "reason": self.reason,
                "manifest_hash": self.manifest_hash,
            }
        )


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place in the chain."""

    entry: Entry
    record: str
    prev_hash: str
    hash: str


def link(entry: Entry, prev_hash: str) -> Link:
    """Hash = SHA-256 of the previous hash, a newline, and the record."""
    record = entry.record()
    return Link(entry, record, prev_hash, sha256(f"{prev_hash}\n{record}"))


def as_json(item: Link) -> dict[str, Any]:
    """A link as exports write it: the log's columns by name."""
    columns: dict[str, Any] = json.loads(item.record)
    return columns | {"record": item.record, "prev_hash": item.prev_hash, "hash": item.hash}


def link_of(row: Mapping[str, Any]) -> Link:
    """The link that `as_json` wrote; KeyError, TypeError or ValueError if the row is not one."""
    names = {field.name for field in fields(Entry)}
    columns = {name: row[name] for name in names} | {"recorded_at": utc_moment(row["recorded_at"])}
    return Link(Entry(**columns), row["record"], row["prev_hash"], row["hash"])


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain no longer proves itself."""

    seq: int
    why: str


def first_break(links: Iterable[Link]) -> Break | None:
    """The first link whose place, columns, predecessor or hash is not what it claims; None if the chain holds."""
    previous, expected_seq = GENESIS, 1
    for item in links:
        why = _flaw(item, previous, expected_seq)
        if why:
            return Break(expected_seq, why)
        previous, expected_seq = item.hash, expected_seq + 1
    return None


def _flaw(item: Link, previous: str, expected_seq: int) -> str:
    if item.entry.seq != expected_seq:
        return f"entry {expected_seq} is missing; the next one found is {item.entry.seq}"
    if item.prev_hash != previous:
        return "it does not follow the entry before it"
    if sha256(f"{item.prev_hash}\n{item.record}") != item.hash:
        return "its record does not give its hash"
    if item.entry.record() != item.record:
        return "its columns differ from its record"
    return ""
