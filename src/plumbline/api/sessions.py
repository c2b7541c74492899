"""Where the page of a person who just signed in changes its ticket for a cookie that no script can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from plumbline.api.problems import problem
from plumbline.domain.errors import NotAuthorised
from plumbline.services import sessions
from plumbline.services.context import Context

PROVIDERS = "_streamlit_user"  # how the names of the cookies begin in which Streamlit keeps a provider's answer
LARGEST = 1_024  # bytes of a body that holds a ticket


def routes(context: Callable[[], Context]) -> list[Route]:
    """`POST /session` with `{"ticket": "..."}`: 204 and the cookie, or RFC 9457 problem details."""

    async def change(request: Request) -> Response:
        if not _same_origin(request):
            return problem(403, "A session starts from Plumbline's own page alone")
        ticket = _ticket(await _body(request))
        if ticket is None:
            return problem(400, 'A session is asked for with {"ticket": "..."}')
        try:
            token = await run_in_threadpool(sessions.change, context(), ticket)
        except NotAuthorised as refusal:
            return problem(401, refusal.what, refusal.remedy)
        return _with_cookie(request, token)

    return [Route("/session", change, methods=["POST"])]


def _same_origin(request: Request) -> bool:
    """Another site may make a browser send this; it can not make it lie about where it was sent from."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


async def _body(request: Request) -> bytes:
    """At most what a ticket takes, and a byte more: a longer one is none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            break
    return body


def _ticket(body: bytes) -> str | None:
    if len(body) > LARGEST:
        return None
    try:
        said = json.loads(body)
    except ValueError:
        return None
    ticket = said.get("ticket") if isinstance(said, dict) else None
    return ticket if isinstance(ticket, str) else None


def _with_cookie(request: Request, token: str) -> Response:
    """Gone with the browser at the latest; the server ends it sooner."""
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        sessions.COOKIE, token, path="/", httponly=True, secure=request.url.scheme == "https", samesite="strict"
    )
    # What the house's provider said has made this session, and is not to open another.
    for name in request.cookies:
        if name.startswith(PROVIDERS):
            answer.delete_cookie(name, path="/")
    return answer
