"""Disks that are full or read-only and clocks that were set back: commands are refused in words, people read on.

The disks are real, small file systems in memory; where none may be mounted, these tests step aside.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from tests.moving_clock import MovingClock

from plumbline.api import health, v1
from plumbline.domain.errors import NotAuthorised, ReadsOnly, StoreUnavailable
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.policy.load import load_policy
from plumbline.services import integrity, sessions, tokens
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.store.database import Store
from plumbline.store.faults import ROOM
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

ADMINISTRATOR = Actor("adm", "Adm", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
ADD = c.AddPerson(user_id="new", name="New", password_hash="")
REVOKE = {"user_id": "adm", "token_id": "none", "reason": "R"}


@dataclass
class Disk:
    """A file system of some megabytes."""

    place: Path

    def leave(self, free: int) -> None:
        """Fill it up but for so many bytes."""
        with (self.place / "filling").open("wb") as filling:
            try:
                while (left := self.free()) > free:
                    filling.write(b"x" * min(left - free, 2**20))
                    filling.flush()
            except OSError:
                return

    def clear(self) -> None:
        (self.place / "filling").unlink()

    def free(self) -> int:
        told = os.statvfs(self.place)
        return told.f_bavail * told.f_frsize

    def read_only(self) -> None:
        """As after a fault, while files are open: by a second mount of the same place over it."""
        subprocess.run(["mount", "--bind", self.place, self.place], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", self.place], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    size = f"size={(ROOM >> 20) + 16}m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here, so this test steps aside: {mounted.stderr.strip()}")
    yield Disk(place)
    while subprocess.run(["umount", "--lazy", place], capture_output=True, check=False).returncode == 0:
        pass


@dataclass
class House:
    """A store on that disk with one administrator, a token and a stay of theirs, and both doors to it."""

    ctx: Context
    secret: str
    session_id: str

    def __post_init__(self) -> None:
        def context() -> Context:
            return self.ctx

        self.app = Starlette(routes=[*health.routes(context), *v1.routes(context)])

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://test") as client:
                headers = {"Authorization": f"Bearer {self.secret}"}
                return await client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]

        return asyncio.run(asked())

    def reads_only(self, why: str) -> None:
        """A command is refused in words at every door, everything can be read, and machines are told."""
        before = integrity.head(self.ctx)
        with pytest.raises(ReadsOnly, match=why):
            handle(self.ctx, ADD, ADMINISTRATOR)
        refused = self.ask("POST", "/api/v1/commands/revoke-token", json=REVOKE)
        assert refused.status_code == 503
        assert why in refused.json()["title"]
        assert refused.json()["detail"]
        assert len(self.ask("GET", "/api/v1/events").json()["events"]) == before[0]
        ready = self.ask("GET", "/ready")
        assert ready.status_code == 200
        assert (ready.json()["status"], ready.json()["events"]) == ("reads only", before[0])
        assert why in ready.json()["reason"]
        assert "plumbline_writable 0" in self.ask("GET", "/metrics").text
        assert sessions.go_on(self.ctx, self.session_id), "who is signed in stays so"
        assert integrity.head(self.ctx) == before
        assert integrity.verify(self.ctx).holds

    def works(self) -> None:
        assert handle(self.ctx, ADD, ADMINISTRATOR)
        assert self.ask("GET", "/ready").json()["status"] == "ready"
        assert "plumbline_writable 1" in self.ask("GET", "/metrics").text
        assert integrity.verify(self.ctx).holds


@contextmanager
def living(store: Store, clock: MovingClock, new_id: Callable[[], str]) -> Iterator[House]:
    ctx = Context(store, clock, new_id, load_policy())
    added = c.AddPerson(user_id="adm", name="Adm", password_hash="")
    handle_together(ctx, [added, c.GrantRole(user_id="adm", role=Role.ADMINISTRATOR)], SYSTEM)
    proof = Authentication("adm", "password", clock())
    secret = tokens.issue(ctx, ADMINISTRATOR, proof, label="t", role=Role.ADMINISTRATOR, days=1)[1]
    stay, ticket = sessions.begin(ctx, ADMINISTRATOR)
    sessions.change(ctx, ticket)
    # So late that being seen would be written down.
    clock.now += timedelta(minutes=2)
    yield House(ctx, secret, stay.session_id)
    ctx.store.close()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def house(disk: Disk, clock: MovingClock, new_id: Callable[[], str]) -> Iterator[House]:
    with living(Store.open(disk.place / "s.duckdb", clock=clock), clock, new_id) as found:
        yield found


def test_a_full_disk_is_read_and_refuses_commands_before_they_begin(house: House, disk: Disk) -> None:
    disk.leave(ROOM // 2)
    house.reads_only("The disk of the store is full")
    disk.leave(0)
    house.reads_only("The disk of the store is full")
    disk.clear()
    house.works()


def test_a_disk_that_fills_up_in_the_middle_of_a_command_leaves_nothing_of_it(house: House, disk: Disk) -> None:
    before = integrity.head(house.ctx)

    def fills_up() -> None:
        with house.ctx.store.transaction() as cursor:
            cursor.execute("insert into model_use select 'm' || i, 'u', repeat('p', 200), '' from range(20000) r(i)")
            disk.leave(0)

    with pytest.raises(ReadsOnly, match="The disk of the store is full"):
        fills_up()
    assert integrity.head(house.ctx) == before
    with house.ctx.store.read() as cursor:
        assert cursor.execute("select count(*) from model_use").fetchone() == (0,)
    disk.clear()
    house.works()


def test_an_engine_that_gave_up_is_opened_anew_and_has_lost_nothing(house: House, disk: Disk) -> None:
    before = integrity.head(house.ctx)
    disk.leave(0)

    def checkpoint() -> None:
        with house.ctx.store.read() as cursor:
            cursor.execute("checkpoint")

    with pytest.raises(StoreUnavailable, match="gave up and was opened anew"):
        checkpoint()
    assert integrity.head(house.ctx) == before
    house.reads_only("The disk of the store is full")
    disk.clear()
    house.works()


def test_a_backup_of_a_store_on_a_full_disk_can_be_taken(house: House, disk: Disk, tmp_path: Path) -> None:
    disk.leave(0)
    house.ctx.store.copy_to(tmp_path / "copy.duckdb")
    copied = Store.open(tmp_path / "copy.duckdb", clock=house.ctx.clock)
    assert integrity.head(replace(house.ctx, store=copied)) == integrity.head(house.ctx)
    copied.close()


def test_a_disk_that_turns_read_only_is_read(house: House, disk: Disk) -> None:
    house.ctx.store.connection.execute("checkpoint")
    disk.read_only()
    house.reads_only("The disk of the store is read-only")

    def write() -> None:
        with house.ctx.store.transaction() as cursor:
            cursor.execute("insert into model_use values ('m', 'u', 'p', '')")

    with pytest.raises(ReadsOnly, match="The disk of the store is read-only"):
        write()


def test_a_store_on_a_read_only_disk_is_opened_to_be_read(house: House, disk: Disk) -> None:
    house.ctx.store.close()
    disk.read_only()
    house.ctx = replace(house.ctx, store=Store.open(disk.place / "s.duckdb", clock=house.ctx.clock))
    house.reads_only("The disk of the store is read-only")
    with pytest.raises(ReadsOnly, match="The disk of the store is read-only"):
        sessions.begin(house.ctx, ADMINISTRATOR)


def test_a_clock_that_was_set_back_signs_nothing(clock: MovingClock, new_id: Callable[[], str]) -> None:
    with living(Store.open(":memory:", clock=clock), clock, new_id) as house:
        handle(house.ctx, c.AddPerson(user_id="one", name="One", password_hash=""), ADMINISTRATOR)
        right = clock.now
        clock.now = right - timedelta(hours=3)
        house.reads_only("The server's clock says")
        # Who comes and is refused is written down all the same, in the chain's order.
        nobody = Actor("who", "Who", Role.AUDITOR, (Role.AUDITOR,))
        clock.now = right
        with pytest.raises(NotAuthorised):
            handle(house.ctx, ADD, nobody)
        clock.now = right - timedelta(seconds=20)
        house.works()
        with house.ctx.store.read() as cursor:
            for chain in ("event", "access"):
                found = cursor.execute(f"select recorded_at from {chain} order by seq").fetchall()
                moments: list[datetime] = [row[0] for row in found]
                assert moments == sorted(moments), chain
