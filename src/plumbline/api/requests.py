"""Each request under an id that the client, the answer and the server's log share."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plumbline.api import problems
from plumbline.connect import server_log

HEADER = "X-Request-ID"
# What proxies send. A secret of ours has an underscore, and a name of a person may have a dot: neither is taken.
SANE = re.compile(r"[0-9A-Za-z-]{8,64}")
_LOG = logging.getLogger("plumbline.requests")


def request_id(asked: str | None) -> str:
    """The one that the client gave, if it is one, else a new one.

    >>> request_id("4f1c-77aa-0001")
    '4f1c-77aa-0001'
    >>> request_id("plumbline_secret") == request_id(None)
    False
    """
    return asked if asked and SANE.fullmatch(asked) else server_log.new_id()


@dataclass(slots=True)
class _Answer:
    """What was sent so far."""

    send: Send
    number: str
    status: int = 0
    started: float = field(default_factory=perf_counter)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self.number
        await self.send(message)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An application whose every answer carries its id; only requests of `doors` are written down."""

    app: ASGIApp
    doors: tuple[str, ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        answer = _Answer(send, request_id(Headers(scope=scope).get(HEADER)))
        current = server_log.REQUEST.set(answer.number)
        try:
            await self._answered(scope, receive, answer)
        finally:
            self._write(scope, answer)
            server_log.REQUEST.reset(current)

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        """A fault of our own becomes an answer and a line; one that cuts an answer short is the server's to end."""
        try:
            await self.app(scope, receive, answer)
        except Exception as cause:
            if answer.status == 0:
                await problems.fault(Request(scope), cause)(scope, receive, answer)
            elif answer.status != 500:
                raise

    def _write(self, scope: Scope, answer: _Answer) -> None:
        route = template(scope)
        if not route.startswith(self.doors):
            return
        took = (perf_counter() - answer.started) * 1_000
        told = {"request_id": answer.number, "method": scope["method"], "route": route}
        _LOG.info("request", extra={"told": told | {"status": answer.status, "ms": round(took, 1)}})


def template(scope: Scope) -> str:
    """The route that answered, without what stood in its place holders: `/api/v1/models/{model_id}`."""
    route = scope.get("route")
    if route is None:
        return ""
    return f"{route.path}/*" if isinstance(route, Mount) else f"{scope.get('root_path', '')}{route.path}"
