"""The store's one door: opening, migrating, a cursor per read, single-transaction writes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb

from plumbline.domain.errors import ReadsOnly, StaleRevision, StoreUnavailable
from plumbline.store import faults
from plumbline.store.turns import Turns

Cursor = duckdb.DuckDBPyConnection
Clock = Callable[[], datetime]
T = TypeVar("T")

MEMORY = ":memory:"
WAL = ".wal"  # what DuckDB has written and not yet put into the file itself
COPY = "import shutil, sys; shutil.copyfile(*sys.argv[1:])"

# Nothing inside the store may reach files or extensions, or undo that; prediction logs are read by another instance.
LOCKED_DOWN = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}


@dataclass(slots=True, eq=False)
class Store:
    """One DuckDB file owned by this process; once the engine has given up, `connection` is a new one."""

    connection: Cursor
    path: str
    writes: bool = True
    read_back: int = 0  # bytes of a write-ahead log that whoever had it open before left behind
    turns: Turns = field(default_factory=Turns)
    _opening: threading.Lock = field(default_factory=threading.Lock)
    # What `kept` has read, beside the number of commits it was read after.
    _kept: dict[object, tuple[int, Any]] = field(default_factory=dict)
    _commits: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def open(cls, path: str | Path, *, clock: Clock) -> Store:
        """Open and migrate; StoreUnavailable if another process owns the file, or it is newer than this code.

        Where the disk is read-only, it is opened to be read.
        """
        if str(path) != MEMORY:
            _make_folder(Path(path).parent)
        left = os.path.getsize(f"{path}{WAL}") if os.path.exists(f"{path}{WAL}") else 0
        reads = os.path.exists(path) and faults.read_only(str(path))
        store = cls.as_it_is(path) if reads else cls(_connect(str(path)), str(path), read_back=left)
        try:
            store.migrate(clock)
        except Exception:
            store.close()
            raise
        return store

    @classmethod
    def as_it_is(cls, path: str | Path) -> Store:
        """Open to be read alone, at whatever schema; StoreUnavailable if another process owns the file."""
        return cls(_connect(str(path), read_only=True), str(path), writes=False)

    @contextmanager
    def read(self) -> Iterator[Cursor]:
        """A cursor of its own: threads that share one get each other's rows."""
        connection = self.connection
        cursor = connection.cursor()
        try:
            yield cursor
        except duckdb.Error as error:
            # After a checkpoint that failed, the engine answers nobody any more.
            if isinstance(error, duckdb.FatalException):
                self._open_anew(connection)
                raise StoreUnavailable(
                    "The store's engine gave up and was opened anew",
                    remedy="Look whether what you did is there, then repeat; the same Idempotency-Key does it once.",
                ) from error
            damaged = faults.damaged(self.path, error)
            if damaged:
                raise damaged from error
            raise
        finally:
            cursor.close()

    def _open_anew(self, gave_up: Cursor) -> None:
        """Once for all who meet it; what was acknowledged is in the file and its write-ahead log."""
        with self._opening:
            if self.connection is gave_up:
                gave_up.close()
                self.connection = _connect(self.path, read_only=not self.writes)
                self._commits[0] += 1

    def hindrance(self) -> ReadsOnly | None:
        """What keeps it from being written now; None if nothing is known to."""
        if self.path == MEMORY:
            return None
        return faults.hindrance(self.path) if self.writes else faults.reads_only(self.path, faults.READ_ONLY)

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """All or nothing, one writer at a time.

        Raises:
            StaleRevision: a lost race. StoreBusy: too many wait. ReadsOnly: the disk takes nothing more.
        """
        if not self.writes:
            raise faults.reads_only(self.path, faults.READ_ONLY)
        with self.turns.mine(), self.read() as cursor:
            cursor.execute("begin")
            try:
                yield cursor
                cursor.execute("commit")
                self._commits[0] += 1
            except duckdb.TransactionException as refusal:
                _roll_back(cursor)
                raise faults.of_commit(self.path, refusal) or StaleRevision(
                    "Somebody else wrote first, so nothing was changed", remedy="Read again and repeat."
                ) from refusal
            except BaseException:
                _roll_back(cursor)
                raise

    def revision(self, entity_id: str | None = None) -> int:
        """The last event that touched a model or person (or anything at all); 0 before the first."""

        def last(cursor: Cursor) -> int:
            query = "select coalesce(max(seq), 0) from event where ? is null or entity_id = ?"
            row = cursor.execute(query, [entity_id, entity_id]).fetchone()
            return int(row[0]) if row else 0

        return self.kept(("revision", entity_id), last)

    def kept(self, key: object, query: Callable[[Cursor], T]) -> T:
        """A small read that every page repeats, kept until this process, which owns the file, next writes."""
        commits = self._commits[0]
        found = self._kept.get(key)
        if found is None or found[0] != commits:
            with self.read() as cursor:
                found = self._kept[key] = (commits, query(cursor))
        return cast(T, found[1])

    def close(self) -> None:
        """Once the write in hand is done; all that was committed is then in the file itself, even if others read on."""
        with self.turns.mine(patient=True):
            # Where it is read alone, or closed, there is nothing to put there; what fails now the next open makes good.
            with suppress(duckdb.Error):
                self.connection.execute("checkpoint")
            self.connection.close()

    def copy_to(self, target: Path) -> None:
        """The store as of its last commit, as one new file, while others read on; writers wait."""
        with self.turns.mine():
            # Where the disk takes nothing more, the log of what is not yet in the file is copied as it is.
            if not self.hindrance():
                with self.read() as cursor:
                    cursor.execute("checkpoint")
            for ending in ("", WAL):
                if os.path.exists(f"{self.path}{ending}"):
                    _copy_elsewhere(f"{self.path}{ending}", f"{target}{ending}")

    def _refuse_foreign(self) -> None:
        """Another program's database gets no tables of ours."""
        with self.read() as cursor:
            tables = {str(row[0]) for row in cursor.execute("select table_name from duckdb_tables()").fetchall()}
        if tables and "schema_migration" not in tables:
            raise _no_store(self.path)

    def migrate(self, clock: Clock) -> None:
        """Apply each numbered migration that this store has not seen, in a transaction of its own.

        A store that holds something is copied beside itself first, as it was.
        """
        self._refuse_foreign()
        if self.writes:
            self.connection.execute(
                "create table if not exists schema_migration"
                " (number integer primary key, name varchar not null, applied_at timestamp not null)"
            )
        known = _migrations()
        with self.read() as cursor:
            applied = {int(row[0]) for row in cursor.execute("select number from schema_migration").fetchall()}
        if applied - set(known):
            raise StoreUnavailable(
                f"The store is at schema {max(applied)}, newer than this Plumbline, which knows {max(known)}",
                where=self.path,
                remedy="Install the newer Plumbline; the store was not changed.",
            )
        missing = sorted(set(known) - applied)
        if applied and missing and self.path != MEMORY:
            self.copy_to(Path(f"{self.path}.before-{missing[0]:04d}"))
        for number in missing:
            name, sql = known[number]
            with self.transaction() as cursor:
                cursor.execute(sql)
                cursor.execute("insert into schema_migration values (?, ?, ?)", [number, name, naive(clock())])


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise StoreUnavailable(
            f"The store's folder cannot be made: {cause.strerror}", where=str(folder), remedy="Name another place."
        ) from None


def _copy_elsewhere(source: str, target: str) -> None:
    """By another process: once this one has closed any file of that name, its lock on the store is gone (fcntl)."""
    done = subprocess.run(  # noqa: S603 - our own interpreter, and arguments are paths
        [sys.executable, "-I", "-S", "-c", COPY, source, target], capture_output=True, text=True, check=False
    )
    if done.returncode:
        Path(target).unlink(missing_ok=True)
        why = done.stderr.strip().splitlines()[-1:]
        raise StoreUnavailable(
            f"The copy could not be written: {''.join(why)}", where=target, remedy="Check space and permissions."
        )


def insert_rows(cursor: Cursor, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """All rows in one statement: one a row costs DuckDB a plan each."""
    if rows:
        marks = f"({', '.join('?' * len(rows[0]))})"
        cursor.execute(f"insert into {table} values {', '.join([marks] * len(rows))}", [v for row in rows for v in row])


def naive(moment: datetime) -> datetime:
    """A moment as the store keeps it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def aware(moment: datetime) -> datetime:
    """A stored moment with its zone again."""
    return moment.replace(tzinfo=UTC)


def aware_or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else aware(moment)


def naive_or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else naive(moment)


def _roll_back(cursor: Cursor) -> None:
    # After a failed commit DuckDB has already rolled back, and says so as an error.
    try:
        cursor.execute("rollback")
    except duckdb.TransactionException:
        return


def _migrations() -> dict[int, tuple[str, str]]:
    folder = resources.files("plumbline.store") / "schema"
    files = [item for item in folder.iterdir() if item.name.endswith(".sql")]
    return {int(item.name[:4]): (item.name, item.read_text(encoding="utf-8")) for item in files}


def _connect(path: str, *, read_only: bool = False) -> Cursor:
    # The engine would open a table of another kind, such as a CSV file, and write nothing into it.
    if os.path.isfile(path) and not _is_database(path):
        raise _no_store(path)
    try:
        return duckdb.connect(path, read_only=read_only, config=dict(LOCKED_DOWN))
    except duckdb.Error as refusal:
        raise faults.damaged(path, refusal) or faults.unavailable(path, str(refusal)) from refusal


def _is_database(path: str) -> bool:
    with open(path, "rb") as handle:
        return handle.read(12)[8:] == b"DUCK"


def _no_store(path: str) -> StoreUnavailable:
    return StoreUnavailable(
        "The file is no store of Plumbline", where=path, remedy="Name the store's own file; nothing was changed."
    )
