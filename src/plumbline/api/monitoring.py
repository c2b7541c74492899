"""`/monitoring`: a run that another machine has counted; its heavy work is done there, profiles and results travel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plumbline.api import bearer, strict
from plumbline.api.body import body_of
from plumbline.domain.people import Actor
from plumbline.domain.results import Level
from plumbline.services import run_travel
from plumbline.services.context import Context
from plumbline.services.known_profiles import Asked, stored
from plumbline.services.run_record import filled, record, require_allowed

LARGEST_RUN = 200_000_000  # bytes: thirteen windows of thirty columns are a tenth of it
ALARMS = (Level.RED, Level.AMBER)
ASKED, MESSAGE = strict.adapter(Asked), strict.adapter(run_travel.RunMessage)
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
Answer = Callable[[Context, Actor, bytes], dict[str, Any]]


def router(context: Callable[[], Context]) -> APIRouter:
    routes = APIRouter(prefix="/monitoring", tags=["monitoring"])
    for name, answer in (("known", _known), ("runs", _run)):
        routes.add_api_route(
            f"/{name}",
            _asking(context, answer),
            methods=["POST"],
            name=f"monitoring-{name}",
            description=answer.__doc__,
            openapi_extra=BODY,
        )
    return routes


def _asking(context: Callable[[], Context], answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def asked(request: Request) -> Response:
        ctx = context()
        # Who asks comes first: nobody else is listened to for so long.
        actor = await run_in_threadpool(bearer.actor, ctx, request)
        body = await body_of(request, LARGEST_RUN)
        told = await run_in_threadpool(answer, ctx, actor, body)
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    return asked


def _known(ctx: Context, actor: Actor, body: bytes) -> dict[str, Any]:
    """Whether the person may report for the version, and what a run of it need not count again. As `plumbline monitor`
    asks it before it counts."""
    asked = strict.read(ASKED, body)
    require_allowed(ctx, actor, asked.model_id, asked.version_id)
    with ctx.store.read() as cursor:
        return run_travel.as_stored(stored(cursor, asked), ctx.policy)


def _run(ctx: Context, actor: Actor, body: bytes) -> dict[str, Any]:
    """Keeps a run as `plumbline monitor` sends it, and answers with what a person reads of the windows it did not
    measure again."""
    sent = run_travel.unpack(strict.read(MESSAGE, body), ctx.policy)
    record(ctx, actor, sent.run, only_new=sent.only_new)
    return run_travel.as_filled(filled(ctx, sent.run, levels=None if sent.whole else ALARMS))
