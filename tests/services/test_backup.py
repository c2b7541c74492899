"""Backup and restore: consistent while others write, put back only when it proves itself, nothing lost on the way."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from plumbline.domain.errors import ChainBroken, NotAuthorised, NotFound, PlumblineError, StoreUnavailable
from plumbline.domain.people import Actor, Role
from plumbline.services import integrity
from plumbline.services.backup import Restored, backup, check_came, restore, taken
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.store.database import Store, _migrations
from plumbline.workflow import commands as c

if TYPE_CHECKING:
    from tests.services.conftest import Desk

ADMINISTRATOR = Actor("adm", "Adm", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
OTHER = "import duckdb, sys; store = duckdb.connect(sys.argv[1])"


@pytest.fixture
def opened(desk: Desk) -> Callable[[Path], Context]:
    return lambda path: replace(desk.ctx, store=Store.open(path, clock=desk.ctx.clock))


def put_back(desk: Desk, file: Path, opened: Callable[[Path], Context], by: Actor = ADMINISTRATOR) -> Restored:
    """The desk's own store is closed, as an app that was stopped."""
    desk.ctx.store.close()
    return restore(file, Path(desk.ctx.store.path), opened=opened, prove=lambda _: by)


def add(desk: Desk, user_id: str) -> None:
    handle(desk.ctx, c.AddPerson(user_id=user_id, name=user_id, password_hash=""), ADMINISTRATOR)


def everything(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_a_copy_taken_while_others_write_is_whole(
    desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]
) -> None:
    begun, stop = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            add(desk, f"person-{number}")
            number += 1
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait(30)
    copies = [backup(desk.ctx, tmp_path / f"copy-{number}.duckdb") for number in range(3)]
    stop.set()
    writer.join()
    assert [copy.seq for copy in copies] == sorted({copy.seq for copy in copies})
    for copy in copies:
        there = opened(copy.path)
        found = integrity.verify(there)
        there.store.close()
        assert found.holds
        assert (found.seq, found.head) == (copy.seq, copy.head)
        assert integrity.head(desk.ctx)[0] >= found.seq
    assert not list(tmp_path.glob("*.part*"))


def test_after_a_backup_the_store_is_still_this_process_alone(desk: Desk, tmp_path: Path) -> None:
    """Whoever closes a file that it has locked has lost the lock: the copying must not."""
    backup(desk.ctx, tmp_path / "copy.duckdb")
    other = subprocess.run(
        [sys.executable, "-c", OTHER, desk.ctx.store.path], capture_output=True, text=True, check=False
    )
    assert "lock" in other.stderr


def test_a_backup_takes_no_other_files_place(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "copy.duckdb"
    file.write_bytes(b"earlier")
    with pytest.raises(StoreUnavailable, match="such a file already"):
        backup(desk.ctx, file)
    assert file.read_bytes() == b"earlier"
    (tmp_path / "plain").write_text("")
    with pytest.raises(StoreUnavailable, match="Nothing can be written there"):
        backup(desk.ctx, tmp_path / "plain" / "copy.duckdb")


def test_an_administrator_elsewhere_takes_a_copy_and_nobody_else_does(desk: Desk) -> None:
    for by, says in (
        (replace(ADMINISTRATOR, acting_role=Role.AUDITOR), "Only an administrator"),
        (replace(ADMINISTRATOR, models=("m",)), "reaches m alone"),
    ):
        with pytest.raises(NotAuthorised, match=says):
            taken(desk.ctx, by)
    assert last_access(desk) == ("adm", "refused", "store")
    folder = Path(desk.ctx.store.path).parent
    assert not list(folder.glob("*.copy-*"))
    done = taken(desk.ctx, ADMINISTRATOR)
    assert done.path.parent == folder
    assert last_access(desk) == ("adm", "backed_up", "store")


def last_access(desk: Desk) -> object:
    with desk.ctx.store.read() as cursor:
        return cursor.execute("select actor, action, entity from access order by seq desc limit 1").fetchone()


def test_a_copy_damaged_on_its_way_is_none(desk: Desk, tmp_path: Path) -> None:
    done = backup(desk.ctx, tmp_path / "copy.duckdb")
    assert check_came(done) == done
    with pytest.raises(StoreUnavailable, match="damaged on its way"):
        check_came(replace(done, sha256="0" * 64))
    assert not done.path.exists()


def test_what_is_restored_is_what_was_kept_and_what_stood_before_is_kept_too(
    desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]
) -> None:
    integrity.anchor(desk.ctx, "serve")
    copy = backup(desk.ctx, tmp_path / "copy.duckdb")
    add(desk, "late")
    integrity.anchor(desk.ctx, "serve")
    later = integrity.head(desk.ctx)

    done = put_back(desk, copy.path, opened)
    assert (done.seq, done.head) == (copy.seq, copy.head)
    now = opened(Path(desk.ctx.store.path))
    assert integrity.verify(now).holds, "with anchors of its own"
    with now.store.read() as cursor:
        told = cursor.execute("select actor, payload from access where action = 'restored'").fetchall()
    now.store.close()
    assert len(told) == 1
    assert told[0][0] == "adm"
    assert f'"replaced_seq":{later[0]}' in told[0][1].replace(" ", "")
    assert done.before
    before = opened(done.before)
    assert integrity.head(before) == later
    assert integrity.verify(before).holds, "with the anchors it had"
    before.store.close()
    assert copy.path.exists()


def test_into_an_empty_place(desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]) -> None:
    copy = backup(desk.ctx, tmp_path / "copy.duckdb")
    place = tmp_path / "new" / "store.duckdb"
    done = restore(copy.path, place, opened=opened, prove=lambda _: ADMINISTRATOR)
    assert done.before is None
    assert [file.name for file in sorted(place.parent.iterdir())] == ["store.duckdb", "store.duckdb.anchor"]


def test_a_backup_that_does_not_prove_itself_replaces_nothing(
    desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]
) -> None:
    copy = backup(desk.ctx, tmp_path / "copy.duckdb")
    bent = duckdb.connect(str(copy.path))
    bent.execute("update account set name = 'Somebody else' where user_id = 'ana'")
    bent.close()
    refused(desk, copy.path, opened, ChainBroken, "table account differs from the log")


def test_who_is_no_administrator_of_it_restores_nothing(
    desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]
) -> None:
    copy = backup(desk.ctx, tmp_path / "copy.duckdb")
    auditor = Actor("aud", "Aud", Role.AUDITOR, (Role.AUDITOR,))
    refused(desk, copy.path, opened, NotAuthorised, "Only an administrator", by=auditor)


def test_what_is_no_backup_is_refused(desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]) -> None:
    refused(desk, tmp_path / "absent.duckdb", opened, NotFound, "no such backup")
    refused(desk, Path(desk.ctx.store.path), opened, StoreUnavailable, "the store itself")
    text = tmp_path / "notes.txt"
    text.write_text("Not a store.\n" * 400)
    refused(desk, text, opened, StoreUnavailable, "no store of Plumbline")
    future = tmp_path / "future.duckdb"
    newer = Store.open(future, clock=desk.ctx.clock)
    newer.connection.execute("insert into schema_migration values (9999, '9999_future.sql', now()::timestamp)")
    newer.close()
    refused(desk, future, opened, StoreUnavailable, "newer than this Plumbline")


def refused(
    desk: Desk,
    file: Path,
    opened: Callable[[Path], Context],
    error: type[PlumblineError],
    says: str,
    by: Actor = ADMINISTRATOR,
) -> None:
    """Nothing in the store's folder has changed, and nothing was left behind."""
    desk.ctx.store.close()
    folder = Path(desk.ctx.store.path).parent
    before = everything(folder)
    with pytest.raises(error, match=says):
        put_back(desk, file, opened, by)
    assert everything(folder) == before


def test_a_store_in_use_is_not_replaced(desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]) -> None:
    copy = backup(desk.ctx, tmp_path / "copy.duckdb")
    path = desk.ctx.store.path
    desk.ctx.store.close()
    holding = [sys.executable, "-c", f"{OTHER}; print('open', flush=True); sys.stdin.read()", path]
    with subprocess.Popen(holding, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdin
        other.stdout.readline()
        with pytest.raises(StoreUnavailable, match=f"in use by process {other.pid}"):
            restore(copy.path, Path(path), opened=opened, prove=lambda _: ADMINISTRATOR)
        other.stdin.close()


def test_a_damaged_store_gives_way_and_is_kept_as_evidence(
    desk: Desk, tmp_path: Path, opened: Callable[[Path], Context]
) -> None:
    copy = backup(desk.ctx, tmp_path / "copy.duckdb")
    path = Path(desk.ctx.store.path)
    desk.ctx.store.close()
    damaged = bytearray(path.read_bytes())
    damaged[4096:12288] = bytes(byte ^ 0xFF for byte in damaged[4096:12288])
    path.write_bytes(damaged)
    done = restore(copy.path, path, opened=opened, prove=lambda _: ADMINISTRATOR)
    assert done.before
    assert done.before.read_bytes() == damaged
    now = opened(path)
    assert integrity.verify(now).holds
    now.store.close()


@pytest.mark.parametrize("first", range(1, len(_migrations())))
def test_a_store_of_any_earlier_schema_is_copied_before_it_is_brought_up(
    first: int, tmp_path: Path, opened: Callable[[Path], Context]
) -> None:
    path = tmp_path / "old.duckdb"
    old = duckdb.connect(str(path))
    old.execute("create table schema_migration (number integer primary key, name varchar, applied_at timestamp)")
    for number, (name, sql) in sorted(_migrations().items())[:first]:
        old.execute(sql)
        old.execute("insert into schema_migration values (?, ?, now()::timestamp)", [number, name])
    old.close()
    today = opened(path)
    assert integrity.verify(today).holds
    today.store.close()
    kept = Store.as_it_is(tmp_path / f"old.duckdb.before-{first + 1:04d}")
    assert kept.connection.execute("select max(number) from schema_migration").fetchall() == [(first,)]
    kept.close()
