"""A server that listens before it is warm says so, makes whoever comes early wait, and loses nobody."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import Message

from plumbline.api import health
from plumbline.api.opening import Later, Opening, Step, waiting
from plumbline.services.context import Context


@dataclass
class House:
    """A server's life without a server: an app that notes when it lives, behind an opening with one slow step."""

    steps: list[Step]
    notes: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        def nowhere() -> Context:
            raise AssertionError("nobody is ready yet")

        self.later = Later(lambda: PlainTextResponse("commands"))
        doors = [*health.routes(nowhere, lambda: self.opening.remaining()), Mount("/api/v1", self.later)]
        early = Starlette(routes=[*doors, waiting()])
        self.opening = Opening(early, self.steps, lambda: self.notes.append("ready"))
        self.app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("app"))], lifespan=self._life)

    @asynccontextmanager
    async def _life(self, _: Starlette) -> AsyncIterator[None]:
        self.notes.append("lives")
        yield
        self.notes.append("ends")

    async def live(self) -> None:
        began = iter(["lifespan.startup"])

        async def receive() -> Message:
            told = next(began, "")
            if not told:
                await self.stop.wait()
            return {"type": told or "lifespan.shutdown"}

        async def send(message: Message) -> None:
            self.said.append(message["type"])

        await self.opening.serve(self.app, {"type": "lifespan", "app": None}, receive, send)

    async def ask(self, path: str, kind: str = "http") -> tuple[int, str, dict[str, str]]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": kind, "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
        await self.opening.serve(self.app, scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent).decode()
        headers = {key.decode(): value.decode() for key, value in sent[0].get("headers", [])}
        return sent[0].get("status", sent[0].get("code", 0)), body, headers


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.001)


def test_whoever_comes_early_is_told_and_waits() -> None:
    go_on = threading.Event()

    async def story() -> None:
        house = House([])
        house.steps += [Step("the API", house.later.do), Step("a page", lambda: blocking(go_on))]
        early = await house.ask("/api/v1/models")
        life = asyncio.create_task(house.live())
        await until(lambda: house.opening.remaining() == ("a page", "the first visitor's page"))
        assert house.said == ["lifespan.startup.complete"], "it listens"
        assert house.notes == []

        assert (early[0], early[2]["retry-after"]) == (503, "1")
        assert json.loads(early[1])["title"] == "Plumbline is starting"
        assert (await house.ask("/api/v1/models"))[1] == "commands", "commands do not wait for pages"
        assert (await house.ask("/health"))[0] == 200
        status, body, headers = await house.ask("/ready")
        assert (status, headers["retry-after"]) == (503, "1")
        assert json.loads(body) == {"status": "warming up", "remaining": ["a page", "the first visitor's page"]}
        status, body, headers = await house.ask("/drift")
        assert (status, headers["cache-control"]) == (503, "no-store")
        assert 'http-equiv="refresh"' in body
        assert (await house.ask("/_stcore/stream", "websocket"))[0] == 1013

        go_on.set()
        await until(lambda: house.opening.opened)
        assert house.notes == ["lives", "ready"]
        assert (await house.ask("/"))[1] == "app"
        assert house.opening.remaining() == ()
        house.stop.set()
        await life
        assert house.notes == ["lives", "ready", "ends"]
        assert house.said[-1] == "lifespan.shutdown.complete"

    asyncio.run(story())


def test_a_server_that_is_stopped_while_it_warms_up_leaves_the_rest_and_ends_in_order() -> None:
    go_on, drawn = threading.Event(), []

    async def story() -> None:
        house = House([Step("one", lambda: blocking(go_on)), Step("two", lambda: drawn.append("two"))])
        life = asyncio.create_task(house.live())
        await until(lambda: house.said)
        house.stop.set()
        await asyncio.sleep(0.01)  # the loop hears of it
        go_on.set()
        await life
        assert drawn == []
        assert house.notes == ["lives", "ends"], "it never was ready"

    asyncio.run(story())


def blocking(event: threading.Event) -> None:
    assert event.wait(30)


def failing() -> None:
    raise ImportError("it is not there")


@contextmanager
def noting(number: signal.Signals) -> Iterator[list[int]]:
    caught: list[int] = []
    before = signal.signal(number, lambda got, _: caught.append(got))
    yield caught
    signal.signal(number, before)


def test_a_server_that_cannot_make_itself_ready_ends_and_says_at_what(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        house = House([Step("the API", failing)])
        life = asyncio.create_task(house.live())
        await until(lambda: caught)
        house.stop.set()
        await life
        assert "ready" not in house.notes

    with noting(signal.SIGTERM) as caught:
        asyncio.run(story())
    assert caught == [signal.SIGTERM]
    assert "it could not make ready the API" in caplog.text
