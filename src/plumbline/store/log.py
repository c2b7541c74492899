"""The two hash-chained logs: appending to them and reading them back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from plumbline.domain.chain import GENESIS, Entry, Link, canonical_json, link
from plumbline.domain.errors import ReadsOnly
from plumbline.store.database import Cursor, aware, naive
from plumbline.workflow.events import Recorded, event_of

Chain = Literal["event", "access"]
COLUMNS = (
    "seq, recorded_at, actor, acting_role, action, entity, entity_id, payload, reason, manifest_hash, "
    "record, prev_hash, hash"
)
# Quotes inside a payload's texts are escaped, so this sequence can only be the key itself.
SAMPLE = '"origin":"demo"'
# What a clock is set back by when it is set right; anything more is a wrong clock.
SET_RIGHT = timedelta(minutes=1)


def append(
    cursor: Cursor,
    chain: Chain,
    *,
    recorded_at: datetime,
    actor: str,
    acting_role: str,
    action: str,
    entity: str,
    entity_id: str,
    payload: Mapping[str, Any],
    reason: str = "",
    manifest_hash: str = "",
) -> Link:
    """Link one entry to the chain's head; the caller holds the transaction.

    Its time is never before that of the entry before it; ReadsOnly where the clock is further behind an event than
    clocks are when they are set right. Accesses are written all the same: people must be able to look.
    """
    seq, prev_hash = head(cursor, chain)
    last = last_moment(cursor, chain)
    if chain == "event":
        refuse_behind(recorded_at, last)
    recorded_at = max(recorded_at, last or recorded_at)
    item = link(
        Entry(
            seq=seq + 1,
            recorded_at=recorded_at,
            actor=actor,
            acting_role=acting_role,
            action=action,
            entity=entity,
            entity_id=entity_id,
            payload=payload,
            reason=reason,
            manifest_hash=manifest_hash,
        ),
        prev_hash,
    )
    cursor.execute(f"insert into {chain} ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(item))
    return item


def head(cursor: Cursor, chain: Chain = "event") -> tuple[int, str]:
    """(seq, hash) of the last entry; (0, the genesis hash) of an empty chain."""
    row = cursor.execute(f"select seq, hash from {chain} order by seq desc limit 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, GENESIS)


def last_moment(cursor: Cursor, chain: Chain = "event") -> datetime | None:
    """When the last entry was written; None of an empty chain, and after one of the sample estate, whose clock is its
    own."""
    row = cursor.execute(f"select recorded_at, payload from {chain} order by seq desc limit 1").fetchone()
    return None if row is None or SAMPLE in row[1] else aware(row[0])


def refuse_behind(now: datetime, last: datetime | None) -> None:
    """ReadsOnly where a clock that says `now` was set back since the last entry."""
    if last and last - now > SET_RIGHT:
        raise ReadsOnly(
            f"The server's clock says {now:%Y-%m-%d %H:%M} UTC, the log's last entry {last:%Y-%m-%d %H:%M} UTC",
            remedy="Set the clock right, then repeat: what is signed must bear its time.",
        )


def links(
    cursor: Cursor, chain: Chain = "event", *, where: str = "true", values: tuple[Any, ...] = ()
) -> Iterator[Link]:
    """Entries in order; `where` is a condition of our own making, `values` its parameters."""
    cursor.execute(f"select {COLUMNS} from {chain} where {where} order by seq", list(values))
    while rows := cursor.fetchmany(1000):
        yield from (_link(row) for row in rows)


def events(cursor: Cursor, entity: str, entity_id: str, *, since: int = 0) -> Iterator[Recorded]:
    """Everything that happened to one model or person, in order; `since` leaves out what stands before."""
    found = links(cursor, where="entity = ? and entity_id = ? and seq >= ?", values=(entity, entity_id, since))
    return (recorded(item) for item in found)


def since(cursor: Cursor, moment: datetime) -> tuple[Recorded, ...]:
    """Everything recorded after a moment, in order."""
    return tuple(recorded(item) for item in links(cursor, where="recorded_at > ?", values=(naive(moment),)))


def recorded(item: Link) -> Recorded:
    """An entry of `event` as the fact it holds."""
    entry = item.entry
    return Recorded(
        seq=entry.seq,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        acting_role=entry.acting_role,
        roles=tuple(entry.payload["roles"]),
        entity_id=entry.entity_id,
        origin=entry.payload["origin"],
        app_version=entry.payload["app_version"],
        hash=item.hash,
        event=event_of(entry.action, entry.payload),
    )


def _row(item: Link) -> list[Any]:
    entry = item.entry
    return [
        entry.seq,
        naive(entry.recorded_at),
        entry.actor,
        entry.acting_role,
        entry.action,
        entry.entity,
        entry.entity_id,
        canonical_json(entry.payload),
        entry.reason,
        entry.manifest_hash,
        item.record,
        item.prev_hash,
        item.hash,
    ]


def _payload(text: str) -> dict[str, Any]:
    # A tampered payload must reach the check of the chain, which names the entry, rather than stop the reading.
    try:
        plain = json.loads(text)
    except ValueError:
        plain = None
    return plain if isinstance(plain, dict) else {"unreadable": text}


def _link(row: tuple[Any, ...]) -> Link:
    entry = Entry(
        seq=row[0],
        recorded_at=aware(row[1]),
        actor=row[2],
        acting_role=row[3],
        action=row[4],
        entity=row[5],
        entity_id=row[6],
        payload=_payload(row[7]),
        reason=row[8],
        manifest_hash=row[9],
    )
    return Link(entry, record=row[10], prev_hash=row[11], hash=row[12])


def only_sample(cursor: Cursor) -> bool:
    """Whether the sample estate and its own people made every event there is (False while there is none)."""
    row = cursor.execute("select bool_and(contains(payload, ?)) from event", [SAMPLE]).fetchone()
    return bool(row and row[0])


def first_entries(cursor: Cursor, entity: str) -> dict[str, datetime]:
    """When the log first spoke of each model, or of each person."""
    rows = cursor.execute("select entity_id, min(recorded_at) from event where entity = ? group by 1", [entity])
    return {str(name): aware(at) for name, at in rows.fetchall()}


def hash_at(cursor: Cursor, chain: Chain, seq: int) -> str | None:
    """The hash of one entry; None if there is no such entry."""
    row = cursor.execute(f"select hash from {chain} where seq = ?", [seq]).fetchone()
    return str(row[0]) if row else None


def entities(cursor: Cursor, entity: str) -> tuple[str, ...]:
    """Every model, or every person, that the log speaks of."""
    rows = cursor.execute("select distinct entity_id from event where entity = ? order by 1", [entity]).fetchall()
    return tuple(str(row[0]) for row in rows)
