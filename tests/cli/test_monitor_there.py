"""`plumbline monitor` where a server has the store: counted here, kept there, as if it had been done in one place."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.cli.conftest import Keyboard

from plumbline.api import strict, v1
from plumbline.cli.clock import now
from plumbline.cli.main import main
from plumbline.domain.model_file import read_model_file
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.policy.load import load_policy
from plumbline.services import monitoring, tokens
from plumbline.services.context import Context
from plumbline.services.run_travel import RunMessage, Sent, pack, unpack
from plumbline.store.database import Store

OWNER = Actor("ana.ito", "Ana Ito", Role.MODEL_OWNER, (Role.MODEL_OWNER,))
Serve = Callable[..., "Served"]


class Served:
    """The API over a keyboard's store, at an address of its own, until it is closed."""

    def __init__(self, keyboard: Keyboard) -> None:
        numbers = itertools.count()
        self.ctx = Context(Store.open(keyboard.store, clock=now), now, lambda: f"n{next(numbers)}", load_policy())
        app = Starlette(routes=v1.routes(lambda: self.ctx))
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
        self.started = threading.Event()
        self.server.startup = self._told(self.server.startup)  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        assert self.started.wait(30)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"

    def _told(self, startup: Callable[..., Any]) -> Callable[..., Any]:
        async def run(*given: Any, **named: Any) -> None:
            await startup(*given, **named)
            self.started.set()

        return run

    def token(self, *models: str) -> str:
        proof = Authentication(OWNER.user_id, "password", now())
        return tokens.issue(
            self.ctx, OWNER, proof, label="nightly", role=Role.MODEL_OWNER, days=9, models=tuple(models)
        )[1]

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(30)
        self.ctx.store.close()


@pytest.fixture
def served(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    server = Served(keyboard)
    monkeypatch.delenv("PLUMBLINE_USER")
    monkeypatch.delenv("PLUMBLINE_PASSWORD")
    monkeypatch.setenv("PLUMBLINE_SERVER", server.address)
    monkeypatch.setenv("PLUMBLINE_TOKEN", server.token())
    yield server
    server.close()


def by_window(answer: dict[str, Any]) -> list[Any]:
    """What is the same wherever it was kept."""
    return [answer["profile"], sorted(json.dumps(each, sort_keys=True) for each in answer["results"])]


def test_counted_here_and_kept_there(served: Served, keyboard: Keyboard) -> None:
    first = keyboard.monitor(*keyboard.log)
    keyboard.month(3)
    second = keyboard.monitor(*keyboard.log)
    dry = keyboard.monitor(*keyboard.log, "--dry-run")
    assert by_window(second) == by_window(dry), "the windows that stood are told too"
    assert len(first["results"]) < len(second["results"])
    with served.ctx.store.read() as cursor:
        windows = cursor.execute('select "window", count(distinct run_id) from result group by 1 order by 1').fetchall()
    assert windows == [("2026-01", 1), ("2026-02", 1), ("2026-03", 1), ("reference", 1)]
    assert main(["monitor", str(keyboard.model), *keyboard.log]) == 0
    summary = keyboard.capsys.readouterr().out
    assert "3 windows (2026-01 to 2026-03)" in summary
    assert "Red or amber" in summary
    served.close()
    assert keyboard.holds()


def test_who_may_not_report_counts_nothing(
    served: Served, keyboard: Keyboard, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = served.ctx.store.revision()
    for secret, says in ((served.token("cards"), "reaches cards alone"), ("plumbline_none", "unknown, revoked")):
        monkeypatch.setenv("PLUMBLINE_TOKEN", secret)
        assert main(["monitor", str(keyboard.model), *keyboard.log]) == 2
        assert says in capsys.readouterr().err
    assert served.ctx.store.revision() == before + 1, "the token alone"


def test_a_server_under_another_policy_is_not_counted_for(
    served: Served, keyboard: Keyboard, capsys: pytest.CaptureFixture[str]
) -> None:
    served.ctx = replace(served.ctx, policy=replace(served.ctx.policy, digest="another"))
    assert main(["monitor", str(keyboard.model), *keyboard.log]) == 2
    assert "judges by another policy" in capsys.readouterr().err


def test_a_run_survives_its_way_to_the_bit(keyboard: Keyboard) -> None:
    files = [keyboard.month(number) for number in range(3)]
    done = monitoring.run(
        read_model_file(keyboard.model), log=files[1:], reference=files[:1], policy=load_policy(), clock=now
    )
    packed = pack(Sent(done, only_new=True, whole=False))
    there = unpack(strict.read(strict.adapter(RunMessage), packed), load_policy())
    assert (there.only_new, there.whole) == (True, False)
    assert there.run.results == done.results
    assert there.run.as_json()["profile"] == done.as_json()["profile"]
    assert {name: done.run[name] for name in there.run.run} == there.run.run
    assert list(there.run.account.windows) == ["reference", "2026-01", "2026-02"]
    assert there.run.account == done.account
