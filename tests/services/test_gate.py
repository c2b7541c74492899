"""The gate: open for the approved artefact and use, closed with its reasons for anything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotFound
from plumbline.services.gate import gate, hash_of

if TYPE_CHECKING:
    from tests.services.conftest import Desk


def test_it_is_closed_until_approved_and_closes_again_by_the_clock(desk: Desk) -> None:
    assert gate(desk.ctx, "m", "1").reasons == ("Version 1 has never been approved.",)
    desk.approve()
    assert gate(desk.ctx, "m", "1", use_id="ranking").open
    expires_at = desk.case.expires_at
    assert expires_at
    desk.time[0] = expires_at
    assert "expired" in gate(desk.ctx, "m", "1").reasons[0]


def test_another_artefact_is_not_the_approved_one(desk: Desk, tmp_path: Path) -> None:
    desk.approve()
    artefact = tmp_path / "model.txt"
    artefact.write_text("tampered", encoding="utf-8")
    found = gate(desk.ctx, "m", "1", artefact_sha256=hash_of(artefact))
    assert not found.open
    assert "the registered one is a1" in found.reasons[0]


def test_what_is_not_there_is_not_an_answer(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no version 2"):
        gate(desk.ctx, "m", "2")
    with pytest.raises(NotFound, match="It has: ranking"):
        gate(desk.ctx, "m", "1", use_id="pricing")
    with pytest.raises(NotFound, match="no such artefact"):
        hash_of(tmp_path / "absent")
