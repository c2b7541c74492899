"""The chain: any change to what was recorded shows at the first entry it touches."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plumbline.domain.chain import GENESIS, Entry, Link, as_json, first_break, link, link_of

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)


def chain(length: int, **payload: object) -> list[Link]:
    links: list[Link] = []
    for seq in range(1, length + 1):
        entry = Entry(
            seq=seq,
            recorded_at=NOON + timedelta(seconds=seq),
            actor="ana",
            acting_role="approver",
            action="vote_cast",
            entity="model",
            entity_id="m",
            payload=payload,
        )
        links.append(link(entry, links[-1].hash if links else GENESIS))
    return links


def test_the_hash_is_of_the_previous_hash_a_newline_and_the_record() -> None:
    first, second = chain(2, b=1, a="é")
    assert json.loads(second.record)["recorded_at"] == "2026-10-31T12:00:02.000000Z"
    assert second.prev_hash == first.hash
    assert second.hash == hashlib.sha256(f"{first.hash}\n{second.record}".encode()).hexdigest()
    assert second.record.index('"a"') < second.record.index('"b"')


def test_an_untouched_chain_holds() -> None:
    assert first_break(chain(5)) is None
    assert first_break([]) is None


@given(place=st.integers(0, 4), column=st.sampled_from(["actor", "acting_role", "action", "entity_id", "reason"]))
def test_a_changed_column_is_named_at_its_entry(place: int, column: str) -> None:
    links = chain(5)
    row = as_json(links[place]) | {column: "other"}
    links[place] = link_of(row)
    broken = first_break(links)
    assert broken is not None
    assert (broken.seq, broken.why) == (place + 1, "its columns differ from its record")


def test_a_changed_record_a_rehashed_entry_and_a_missing_one_are_each_found() -> None:
    links = chain(4)
    touched = [*links[:1], replace(links[1], record=links[1].record.replace("ana", "eve")), *links[2:]]
    rehashed = [links[0], link(replace(links[1].entry, actor="eve"), links[0].hash), *links[2:]]
    assert [b.seq for b in map(first_break, (touched, rehashed, [links[0], *links[2:]])) if b] == [2, 3, 2]


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_an_exported_line_is_the_same_link_again(payload: dict[str, object]) -> None:
    (item,) = chain(1, payload=payload)
    assert link_of(json.loads(json.dumps(as_json(item)))) == item
