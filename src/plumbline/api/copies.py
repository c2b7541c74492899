"""`GET /backup`: the whole store as one file, taken while the app runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from plumbline.api import bearer
from plumbline.services.backup import taken
from plumbline.services.context import Context

PART = 1 << 20  # bytes


def router(context: Callable[[], Context]) -> APIRouter:
    routes = APIRouter(tags=["queries"])

    @routes.get("/backup", name="backup", response_class=StreamingResponse)
    def backup(request: Request) -> Response:
        """The store as of its last commit, for a token in the role of administrator; it is written down who took it."""
        ctx = context()
        done = taken(ctx, bearer.actor(ctx, request))
        handle = done.path.open("rb")
        # Whoever breaks off leaves nothing behind: the file has no name any more, and is gone when it is closed.
        done.path.unlink()
        headers = {"Plumbline-Head": f"{done.seq} {done.head}", "Plumbline-Sha256": done.sha256}
        headers |= {"Cache-Control": "no-store", "Content-Length": str(done.size)}
        return StreamingResponse(_parts(handle), media_type="application/vnd.duckdb", headers=headers)

    return routes


def _parts(handle: BinaryIO) -> Iterator[bytes]:
    with handle:
        while part := handle.read(PART):
            yield part
