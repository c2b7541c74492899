"""`kill -9` of a server at any instant under a stream of commands: nothing acknowledged is lost, nothing is half done.

`make test` kills ten times, `make test-long` a thousand. A restart is judged by what it took: the wall's time less
that in which its threads stood ready and the machine had no processor for them, and never less than the processor's
time itself.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import pytest
from tests.entries import LOAN_DEFAULT

from plumbline.domain.models import ModelEntry
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.policy.load import load_policy
from plumbline.services import integrity, tokens
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

OWNER, OFFICER = Role.MODEL_OWNER, Role.MODEL_RISK_OFFICER
HEALTH, READY = 3.0, 8.0  # seconds after a start
LONGEST = 0.6  # seconds between the first command of a server and its death
FRESH = 25  # kills that one store goes through
Event = dict[str, Any]


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def opened(path: Path) -> Iterator[Context]:
    ctx = Context(Store.open(path, clock=now), now, lambda: str(uuid4()), load_policy())
    try:
        yield ctx
    finally:
        ctx.store.close()


@dataclass(frozen=True)
class Asked:
    """A command as it was sent; under its key it can be sent again."""

    key: str
    path: str
    body: dict[str, Any]
    secret: str


@dataclass
class Estate:
    """A store with two people and a token of each, and all that its servers have acknowledged since."""

    path: Path
    secrets: dict[Role, str] = field(default_factory=dict)
    done: list[tuple[Asked, list[Event]]] = field(default_factory=list)
    unknown: list[Asked] = field(default_factory=list)
    refused: list[object] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.stories = [self.story() for _ in range(3)]
        with opened(self.path) as ctx:
            people = [c.AddPerson(user_id=role.value, name=role.label, password_hash="") for role in Role]
            handle_together(ctx, [*people, *(c.GrantRole(user_id=r.value, role=r) for r in Role)], SYSTEM)
            for role in (OWNER, OFFICER):
                actor, proof = (
                    Actor(role.value, role.label, role, (role,)),
                    Authentication(role.value, "password", now()),
                )
                self.secrets[role] = tokens.issue(ctx, actor, proof, label="stream", role=role, days=1)[1]

    def story(self) -> Iterator[Asked]:
        """A model from its registration to a case with pinned evidence and two findings; then the next one."""
        while True:
            model = f"m{next(self.numbers)}"
            version = {"model_id": model, "id": "1", "spec_json": "{}"}
            about = {"model_id": model, "version_id": "1"}
            use = {"model_id": model, "id": "u", "purpose": "Ranks"}
            told = [
                (OWNER, "register-model", {"entry": to_plain(entry(model))}),
                (OWNER, "register-version", {"version": version}),
                (OWNER, "register-use", {"use": use}),
                (OFFICER, "raise-finding", finding(model, "first")),
                (OWNER, "move-version", {**about, "to": "in_development", "reason": "R"}),
                (OWNER, "submit-for-validation", {**about, "use_id": "u"}),
                (OFFICER, "raise-finding", finding(model, "second")),
            ]
            yield from (Asked(str(uuid4()), path, body, self.secrets[role]) for role, path, body in told)


def entry(model: str) -> ModelEntry:
    return replace(
        LOAN_DEFAULT,
        id=model,
        owner=OWNER.value,
        developers=(Role.DEVELOPER.value,),
        accountable_executive=Role.EXECUTIVE.value,
        independent_member=Role.APPROVER.value,
    )


def finding(model: str, title: str) -> dict[str, Any]:
    about = {"model_id": model, "version_id": "1", "severity": "low", "category": "data"}
    return {**about, "title": title, "description": "D", "owner": Role.DEVELOPER.value}


@dataclass
class Server:
    """`plumbline serve` over an estate, in as many lives as it is started."""

    estate: Estate
    log: IO[str]

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        words = ["serve", "--store", str(self.estate.path), "--port", str(self.port)]
        self.began = time.monotonic()
        self.process = subprocess.Popen([sys.executable, "-m", "plumbline", *words], stdout=self.log, stderr=self.log)

    def said(self) -> str:
        """In this life and those before."""
        return Path(self.log.name).read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def ask(self, asked: Asked) -> tuple[int, dict[str, str], Any]:
        headers = {"Authorization": f"Bearer {asked.secret}", "Idempotency-Key": asked.key}
        path = f"/api/v1/commands/{asked.path}"
        return self.request("POST", path, json.dumps(asked.body), headers)

    def request(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """OSError or HTTPException where no answer came."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(answer.read())
        finally:
            line.close()

    def until(self, path: str) -> dict[str, float]:
        """What it took until an address answered."""
        pause = threading.Event()
        while True:
            assert self.process.poll() is None, self.said()[-2000:]
            assert time.monotonic() < self.began + 120, f"{path} never answered"
            try:
                if self.request("GET", path)[0] == 200:
                    return self.spent()
            except (OSError, http.client.HTTPException):
                pass
            pause.wait(0.02)

    def spent(self) -> dict[str, float]:
        wall = time.monotonic() - self.began
        tasks = Path(f"/proc/{self.process.pid}/task")
        if not tasks.is_dir():
            return {"wall": wall, "took": wall}
        # Linux, Documentation/scheduler/sched-stats.rst: ns on the processor, ns waiting for it, times run.
        told = [(each / "schedstat").read_text().split() for each in tasks.iterdir()]
        processor, waited = (sum(int(one[at]) for one in told) / 1e9 for at in (0, 1))
        return {"wall": wall, "processor": processor, "took": max(processor, wall - waited)}


@contextmanager
def living(estate: Estate) -> Iterator[Server]:
    """A first life, and whatever happens no server that outlives the test."""
    with estate.path.with_suffix(".log").open("a") as log:
        server = Server(estate, log)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def stream(server: Server, commands: Iterator[Asked], first: threading.Event) -> None:
    """Commands one after another until the server is gone; the last one may or may not have been done."""
    estate, pause = server.estate, threading.Event()
    for asked in commands:
        try:
            while (answer := server.ask(asked))[0] == 503:
                pause.wait(0.02)  # it has just started
        except (OSError, http.client.HTTPException, ValueError):
            estate.unknown.append(asked)
            return
        if answer[0] != 200:
            estate.refused.append(answer)
            return
        estate.done.append((asked, answer[2]["events"]))
        first.set()


def killed_under_load(server: Server, moment: float, threads: int) -> None:
    first = threading.Event()
    talkers = [
        threading.Thread(target=stream, args=(server, server.estate.stories[at], first), daemon=True)
        for at in range(threads)
    ]
    for each in talkers:
        each.start()
    assert first.wait(120), "no command was ever acknowledged"
    time.sleep(moment)  # the instant is the test's own choice
    server.kill()
    for each in talkers:
        each.join(60)
        assert not each.is_alive()
    assert not server.estate.refused


def whole(estate: Estate, aside: Path) -> int:
    """Everything acknowledged is there, once and in its place, and the rest is done or not: by a copy of what is left.

    Opened as the next server would open it, but beside it: that one must find the file as the dead one left it.
    """
    for left in estate.path.parent.glob(f"{estate.path.name}*"):
        shutil.copy(left, aside / left.name)
    with opened(aside / estate.path.name) as ctx:
        proof = integrity.verify(ctx)
        assert proof.holds, [check for check in proof.checks if not check.holds]
        with ctx.store.read() as cursor:
            stored = dict(cursor.execute("select seq, hash from event").fetchall())
            kept = cursor.execute("select answer from answered").fetchall()
    acknowledged = [(event["seq"], event["hash"]) for _, events in estate.done for event in events]
    assert len(acknowledged) == len({seq for seq, _ in acknowledged})
    assert [seq for seq, digest in acknowledged if stored.get(seq) != digest] == [], "acknowledged, and not there"
    answered = [event["seq"] for row in kept for event in json.loads(row[0])]
    begun = min(answered, default=len(stored) + 1)
    assert sorted(answered) == list(range(begun, len(stored) + 1)), "an event without its command, or the reverse"
    return len(stored)


def asked_again(server: Server, estate: Estate, dice: random.Random) -> None:
    """Under its key nothing is done twice: the acknowledged is answered as then, the rest was done or is done now."""
    for asked, events in dice.sample(estate.done, min(3, len(estate.done))):
        status, headers, said = server.ask(asked)
        assert (status, headers.get("idempotent-replayed"), said["events"]) == (200, "true", events)
    for asked in estate.unknown:
        status, _, said = server.ask(asked)
        assert status == 200, said
        estate.done.append((asked, said["events"]))
    estate.unknown.clear()


def kills(folder: Path, times: int, seed: int, tell: Callable[[str], None]) -> None:
    """So many deaths, each at an instant drawn by the seed; every figure of a restart is told."""
    dice, worst = random.Random(seed), {"wall": 0.0, "took": 0.0}
    for begun in range(0, times, FRESH):
        place = folder / f"{begun:04d}"
        (place / "aside").mkdir(parents=True)
        estate = Estate(place / "plumbline.duckdb")
        with living(estate) as first:
            server = first
            server.until("/health")
            for number in range(begun, min(begun + FRESH, times)):
                killed_under_load(server, dice.uniform(0, LONGEST), threads=1 + number % 3)
                events = whole(estate, place / "aside")
                server.start()
                spent = server.until("/health")
                tell(f"kill {number + 1} of seed {seed}: {events} events, /health after {spent}")
                worst = {name: max(at, spent[name]) for name, at in worst.items()}
                assert spent["took"] <= HEALTH, spent
                server.until("/api/v1/openapi.json")
                assert f"The log stands at event {events} (" in server.said(), server.said()
                asked_again(server, estate, dice)
            spent = server.until("/ready")
            tell(f"/health at worst after {worst}, /ready after {spent}")
            assert spent["took"] <= READY, spent


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Figures of a run are worth reading even where it passes."""

    def line(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}")
            sys.stdout.flush()

    return line


def test_ten_kills_lose_nothing(tmp_path: Path, tell: Callable[[str], None]) -> None:
    kills(tmp_path, 10, 20261128, tell)


@pytest.mark.long
@pytest.mark.parametrize("part", range(8))
def test_a_thousand_kills_lose_nothing(part: int, tmp_path: Path, tell: Callable[[str], None]) -> None:
    kills(tmp_path, 125, random.SystemRandom().randrange(10**9) * 8 + part, tell)
