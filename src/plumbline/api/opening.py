"""From the first moment on somebody answers: whether the server lives, what it has still to do, a page that waits."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plumbline.api.problems import problem

LOG = logging.getLogger("plumbline.api")
AGAIN = {"Retry-After": "1", "Cache-Control": "no-store"}
WAITING = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
    "<title>Plumbline is starting</title></head><body><main><h1>Plumbline is starting</h1>"
    "<p>It takes some seconds. This page opens by itself.</p></main></body></html>"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do before the first visitor, and what it is called meanwhile."""

    name: str
    do: Callable[[], None]


@dataclass(slots=True)
class Opening:
    """A server that listens before it is warm: `early` answers until every step is done, then the app itself.

    `ready` is called in between. A step that fails ends the server: what cannot be served must not look as if it could.
    """

    early: ASGIApp
    steps: list[Step]
    ready: Callable[[], None]
    opened: bool = field(default=False, init=False)

    def remaining(self) -> tuple[str, ...]:
        """What is still to be done; nothing once the server is ready."""
        return () if self.opened else (*(step.name for step in self.steps), "the first visitor's page")

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(app, scope, receive, send)
        elif self.opened:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await self.early(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1013})

    async def _live(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin to listen at once, and the app's own life only when all is warm."""
        begun = await receive()
        await send({"type": "lifespan.startup.complete"})
        stopping = asyncio.ensure_future(receive())
        await self._warm_up(stopping)
        said = iter([begun])

        async def told() -> Message:
            return next(said, None) or await stopping

        async def tell(message: Message) -> None:
            if message["type"] != "lifespan.startup.complete":
                await send(message)
            elif not stopping.done():
                self.opened = True
                self.ready()

        await app(scope, told, tell)

    async def _warm_up(self, stopping: asyncio.Future[Message]) -> None:
        try:
            while self.steps and not stopping.done():
                await asyncio.to_thread(self.steps[0].do)
                self.steps.pop(0)
        except Exception:
            LOG.exception("The server ends: it could not make ready %s", self.steps[0].name)
            signal.raise_signal(signal.SIGTERM)
            await stopping


@dataclass(slots=True)
class Later:
    """An application that a step of the opening makes; until then whoever asks is told to ask again."""

    make: Callable[[], ASGIApp]
    made: ASGIApp | None = None

    def do(self) -> None:
        self.made = self.make()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(503, "Plumbline is starting", "Ask again in a second.", headers=AGAIN)
        await (self.made or answer)(scope, receive, send)


def waiting() -> Route:
    """Whatever else is asked for meanwhile: a page that loads itself again."""

    def shown(_: Request) -> Response:
        return HTMLResponse(WAITING, status_code=503, headers=AGAIN)

    return Route("/{path:path}", shown)
