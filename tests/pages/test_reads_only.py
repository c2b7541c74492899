"""A store that cannot be written: the pages show, every one of them says why nothing can be changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.pages.conftest import Visitor, open_page

from plumbline.domain.people import Role
from plumbline.store import faults


@pytest.mark.parametrize("role", [None, Role.MODEL_RISK_OFFICER], ids=["before the sign-in", "signed in"])
def test_a_full_disk_is_told_above_the_page(
    role: Role | None, visitor: Visitor, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = visitor(empty_store, role)
    assert not at.warning or "disk" not in at.warning[0].value
    # No disk of this machine is that large: what is asked for is the room, and how much there is stays true.
    monkeypatch.setattr(faults, "ROOM", 2**70)
    disk = os.statvfs(empty_store.parent)
    assert disk.f_bavail * disk.f_frsize < faults.ROOM
    at = at.run()
    assert not at.exception
    assert "The disk of the store is full" in at.warning[0].value
    assert "You can read on" in at.warning[0].value
    if role:
        at = open_page(at, "inventory")
        assert not at.exception
        assert "The disk of the store is full" in at.warning[0].value
        assert at.title[0].value == "Inventory"


def test_a_store_that_another_process_has_is_told_on_the_page(visitor: Visitor, empty_store: Path) -> None:
    code = f"import duckdb; c = duckdb.connect({str(empty_store)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == b"open\n"
        at = visitor(empty_store)
        assert not at.exception
        assert f"The store is in use by process {owner.pid}" in at.error[0].value
        assert "Use the running app, or stop it first" in at.error[0].value
        owner.communicate(b"\n")
    at = at.run()
    assert not at.error, "once it is free, the page opens it"
