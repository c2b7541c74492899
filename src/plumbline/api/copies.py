"""`GET /backup`: the whole store as one file, taken while the app runs."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from plumbline.api import bearer
from plumbline.services.backup import taken
from plumbline.services.context import Context


def router(context: Callable[[], Context]) -> APIRouter:
    routes = APIRouter(tags=["queries"])

    @routes.get("/backup", name="backup", response_class=FileResponse)
    def backup(request: Request) -> Response:
        """The store as of its last commit, for a token in the role of administrator; it is written down who took it."""
        ctx = context()
        done = taken(ctx, bearer.actor(ctx, request))
        return FileResponse(
            done.path,
            media_type="application/vnd.duckdb",
            filename=f"plumbline-{done.seq}.duckdb",
            headers={
                "Cache-Control": "no-store",
                "Plumbline-Head": f"{done.seq} {done.head}",
                "Plumbline-Sha256": done.sha256,
            },
            background=BackgroundTask(done.path.unlink, missing_ok=True),
        )

    return routes
