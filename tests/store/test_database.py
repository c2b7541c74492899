"""The store's door: migrations once, nothing half-written, one owner, append-only, readers that do not mix."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from plumbline.domain.chain import digest_of, first_break
from plumbline.domain.errors import ChainBroken, StaleRevision, StoreUnavailable
from plumbline.store import log, results
from plumbline.store.database import Cursor, Store, _migrations
from plumbline.store.result_digest import stored_digests

Clock = Callable[[], datetime]
APPEND_ONLY = (
    *("event", "access", "profile", "result", "monitoring_run", "explanation", "manifest", "manifest_item"),
    "signature",
)


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store.open(":memory:", clock=clock)


def append(cursor: Cursor, clock: Clock, actor: str = "ana") -> None:
    log.append(
        cursor,
        "event",
        recorded_at=clock(),
        actor=actor,
        acting_role="administrator",
        action="person_added",
        entity="person",
        entity_id=actor,
        payload={"fact": {"user_id": actor, "name": actor}, "before": None, "after": None}
        | {"roles": [], "app_version": "0", "origin": "user"},
    )


def test_migrations_are_applied_once(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "folder" / "s.duckdb"
    Store.open(path, clock=clock).close()
    store = Store.open(path, clock=clock)
    numbers = store.connection.execute("select number, count(*) from schema_migration group by 1 order by 1").fetchall()
    assert numbers[0] == (1, 1)
    assert all(count == 1 for _, count in numbers)


def test_results_of_before_selective_labels_stand_as_they_were(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "old.duckdb"
    old = duckdb.connect(str(path))
    old.execute("create table schema_migration (number integer primary key, name varchar, applied_at timestamp)")
    for number, (name, sql) in sorted(_migrations().items())[:2]:
        old.execute(sql)
        old.execute("insert into schema_migration values (?, ?, now()::timestamp)", [number, name])
    kept = {"result_id": "r", "run_id": "r", "run_seq": 1, "model_id": "m", "version_id": "1", "window": "w"}
    kept |= {"metric": "psi", "method": "", "n": 5, "why_not": "", "verdict": "green", "reason": "", "rule": ""}
    kept |= {"policy": "p", "recorded_at": datetime(2026, 1, 1)}  # noqa: DTZ001
    names = ", ".join(f'"{name}"' for name in kept)
    old.execute(f"insert into result ({names}) values ({', '.join('?' * len(kept))})", list(kept.values()))
    old.close()

    store = Store.open(path, clock=clock)
    with store.read() as cursor:
        found = results.current(cursor, model_id="m")[0].result
        assert (found.measurement.population, found.measurement.lowest, found.measurement.highest) == (None, None, None)
        assert dict(stored_digests(cursor)) == {("r", 1): digest_of([found.as_json()])}
        assert "lowest" not in found.as_json()
    store.close()


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.duckdb"
    store = Store.open(path, clock=clock)
    store.connection.execute("insert into schema_migration values (9999, '9999_future.sql', now()::timestamp)")
    store.close()
    with pytest.raises(StoreUnavailable, match="schema 9999, newer than this Plumbline"):
        Store.open(path, clock=clock)


def test_a_second_process_is_told_who_owns_the_store(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.duckdb"
    Store.open(path, clock=clock).close()
    code = f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == b"open\n"
        with pytest.raises(StoreUnavailable, match=f"in use by process {owner.pid} .*Use the running app, or stop it"):
            Store.open(path, clock=clock)
        owner.communicate(b"\n")


def test_what_is_no_store_is_refused(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreUnavailable, match="no store of Plumbline"):
        Store.open(path, clock=clock)


def test_a_byte_changed_in_the_file_is_found(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.duckdb"
    store = Store.open(path, clock=clock)
    with store.transaction() as cursor:
        append(cursor, clock, "needle-in-the-file")
    store.connection.execute("checkpoint")
    store.close()
    content = path.read_bytes()
    path.write_bytes(content.replace(b"needle-in-the-file", b"Needle-in-the-file", 1))

    def read_all() -> None:
        with Store.open(path, clock=clock).read() as cursor:
            list(log.links(cursor))

    with pytest.raises(ChainBroken, match="changed from outside"):
        read_all()


def test_an_error_inside_a_transaction_leaves_nothing(store: Store, clock: Clock) -> None:
    def fail_halfway() -> None:
        with store.transaction() as cursor:
            append(cursor, clock)
            cursor.execute("select error('halfway')")

    with pytest.raises(duckdb.Error, match="halfway"):
        fail_halfway()
    assert store.revision() == 0


def test_a_process_that_dies_inside_a_transaction_leaves_nothing(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "s.duckdb"
    Store.open(path, clock=clock).close()
    code = f"""
import os
from datetime import UTC, datetime
from plumbline.store.database import Store
now = lambda: datetime.now(UTC)
store = Store.open({str(path)!r}, clock=now)
with store.transaction() as cursor:
    cursor.execute("insert into model_use values ('m', 'u', 'p', '')")
    os._exit(9)
"""
    died = subprocess.run([sys.executable, "-c", code], check=False)
    assert died.returncode == 9
    with Store.open(path, clock=clock).read() as cursor:
        assert cursor.execute("select count(*) from model_use").fetchone() == (0,)


def test_a_lost_race_is_a_stale_revision(store: Store) -> None:
    store.connection.execute("insert into model_use values ('m', 'u', 'p', '')")
    with store.read() as rival:
        rival.execute("begin")
        rival.execute("update model_use set purpose = 'q'")
        with pytest.raises(StaleRevision, match="Somebody else wrote first"), store.transaction() as cursor:
            cursor.execute("update model_use set purpose = 'r'")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_written_once_is_neither_updated_nor_deleted(store: Store, table: str) -> None:
    column = store.connection.execute(f"select * from {table}").description[0][0]
    for attempt in (f"update {table} set {column} = {column}", f"delete from {table}"):
        with pytest.raises(duckdb.Error, match="append-only"):
            store.connection.execute(attempt)


@pytest.mark.parametrize(
    "attempt", ["select * from read_csv('/etc/hostname')", "set enable_external_access = true", "install httpfs"]
)
def test_nothing_inside_the_store_reaches_out(store: Store, attempt: str) -> None:
    with pytest.raises(duckdb.Error):
        store.connection.execute(attempt)


def test_eight_threads_each_get_their_own_answers(store: Store) -> None:
    wrong: list[tuple[int, int]] = []

    def ask(thread: int) -> None:
        for turn in range(40):
            with store.read() as cursor:
                row = cursor.execute("select ?, ?", [thread, turn]).fetchone()
            if row != (thread, turn):
                wrong.append((thread, turn))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_writers_take_turns_and_the_chain_holds(store: Store, clock: Clock) -> None:
    def write() -> None:
        for _ in range(10):
            with store.transaction() as cursor:
                append(cursor, clock)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as cursor:
        found = list(log.links(cursor))
    assert (len(found), first_break(found)) == (40, None)


def test_revision_is_the_last_event_that_touched_an_entity(store: Store, clock: Clock) -> None:
    with store.transaction() as cursor:
        append(cursor, clock, "ana")
        append(cursor, clock, "bob")
    assert (store.revision(), store.revision("ana"), store.revision("nobody")) == (2, 1, 0)


def test_closing_waits_for_the_write_in_hand_and_leaves_all_of_it_in_the_file(tmp_path: Path, clock: Clock) -> None:
    store = Store.open(tmp_path / "store.duckdb", clock=clock)
    begun, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction() as cursor:
            append(cursor, clock, "ana")
            begun.set()
            may_end.wait(30)
            append(cursor, clock, "bob")

    writer, closer = threading.Thread(target=write), threading.Thread(target=store.close)
    with store.read() as reading:
        reading.execute("select * from range(1000000)").fetchone()
        writer.start()
        assert begun.wait(30)
        closer.start()
        closer.join(0.2)
        assert closer.is_alive(), "it waits"
        may_end.set()
        closer.join(30)
        writer.join(30)
        assert [path.name for path in tmp_path.iterdir()] == ["store.duckdb"], "no write-ahead log is left"
    with pytest.raises(duckdb.ConnectionException), store.transaction():
        pytest.fail("a closed store takes no write")
    again = Store.open(tmp_path / "store.duckdb", clock=clock)
    assert (again.revision("ana"), again.revision("bob")) == (1, 2)
    again.close()
