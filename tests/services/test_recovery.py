"""A store that was not closed in order says at the next start what was read back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from plumbline.domain.people import Role
from plumbline.policy.load import load_policy
from plumbline.services import integrity, recovery
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.store.database import WAL, Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM


def test_what_a_killed_process_left_is_read_back_and_told(
    tmp_path: Path, clock: Callable[[], datetime], new_id: Callable[[], str]
) -> None:
    def opened(path: Path) -> Context:
        return Context(Store.open(path, clock=clock), clock, new_id, load_policy())

    living, killed = tmp_path / "living.duckdb", tmp_path / "killed.duckdb"
    opened(living).store.close()
    ctx = opened(living)
    assert recovery.told(ctx) is None
    handle(ctx, c.AddPerson(user_id="ada", name="Ada", password_hash=""), SYSTEM)
    integrity.anchor(ctx, "serve")
    shutil.copy(f"{living}.anchor", f"{killed}.anchor")
    added = [c.AddPerson(user_id=name, name=name, password_hash="") for name in ("bob", "cho")]
    handle_together(ctx, [*added, c.GrantRole(user_id="bob", role=Role.AUDITOR)], SYSTEM)
    # As a kill would leave them: the file, and beside it what is not yet in there.
    for ending in ("", WAL):
        shutil.copy(f"{living}{ending}", f"{killed}{ending}")
    head = integrity.head(ctx)
    ctx.store.close()

    found = opened(killed)
    said = recovery.told(found)
    assert said
    assert "KiB that were written, and not yet in its file, were read back" in said
    assert f"The log stands at event 4 ({head[1][:12]}), 3 since the last anchor." in said
    assert integrity.verify(found).holds
    found.store.close()
    again = opened(killed)
    assert recovery.told(again) is None, "closed in order"
    again.store.close()
