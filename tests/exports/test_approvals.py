"""The exported log proves itself offline, and leaving is on record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plumbline.domain.chain import sha256
from plumbline.domain.errors import NotAuthorised
from plumbline.exports import approvals
from plumbline.services.integrity import verify_export
from plumbline.store import log


def test_the_export_verifies_offline_and_says_where_the_log_ended(archive: Any, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(approvals.log_json(archive.ctx, archive.actor("aud")))
    found = verify_export(tmp_path / "log.json")
    with archive.ctx.store.read() as cursor:
        seq, head = log.head(cursor)
    assert found.holds
    assert (found.seq, found.head) == (seq, head)
    body = json.loads((tmp_path / "log.json").read_text())
    assert body["stamp"]["log_head"] == head
    assert body["stamp"]["requester"] == "Aud (aud)"
    assert body["cautions"] == []
    assert [signature["printed_name"] for signature in body["signatures"]] == ["Val"]


@pytest.mark.parametrize("place", [0, -1])
def test_an_altered_entry_is_found(archive: Any, tmp_path: Path, place: int) -> None:
    body = json.loads(approvals.log_json(archive.ctx, archive.actor("aud")))
    body["event"][place]["actor"] = "somebody else"
    (tmp_path / "log.json").write_text(json.dumps(body))
    assert not verify_export(tmp_path / "log.json").holds


def test_the_export_is_on_record_with_its_hash(archive: Any) -> None:
    made = approvals.export(archive.ctx, archive.actor("aud"))
    with archive.ctx.store.read() as cursor:
        last = list(log.links(cursor, "access"))[-1].entry
    assert (last.actor, last.action, last.entity_id) == ("aud", "exported", "approvals")
    assert last.payload["sha256"] == sha256(made.content) == made.sha256


def test_an_owner_does_not_read_everybodys_log(archive: Any) -> None:
    assert not approvals.may_export(archive.actor("ana"))
    with pytest.raises(NotAuthorised, match="may not export the log"):
        approvals.log_json(archive.ctx, archive.actor("ana"))
