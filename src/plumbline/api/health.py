"""What machines ask of a server: is it alive, is it ready, and a few figures for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from plumbline import __version__
from plumbline.connect.prometheus import CONTENT_TYPE, Figure, exposition
from plumbline.domain.errors import PlumblineError
from plumbline.services.condition import hindrance
from plumbline.services.context import Context
from plumbline.store import inventory, log


def routes(context: Callable[[], Context], remaining: Callable[[], tuple[str, ...]] = tuple) -> list[Route]:
    """`/health`, `/ready` and `/metrics` over the store that the app itself has open.

    `remaining` is what a server that has just started has still to do before it is ready.
    """

    def health(_: Request) -> Response:
        return JSONResponse({"status": "alive", "version": __version__})

    def ready(_: Request) -> Response:
        left = remaining()
        if left:
            body = {"status": "warming up", "remaining": list(left)}
            return JSONResponse(body, status_code=503, headers={"Retry-After": "1"})
        return _ready(context)

    def metrics(_: Request) -> Response:
        return PlainTextResponse(exposition(_figures(context())), media_type=CONTENT_TYPE)

    return [Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)]


def _ready(context: Callable[[], Context]) -> Response:
    """200 as long as people can read: a balancer that turned away would take that from them too.

    What keeps the store from being written is said beside it; where it lies is for the server's log alone.
    """
    try:
        ctx = context()
        with ctx.store.read() as cursor:
            seq, head = log.head(cursor)
        hindered = hindrance(ctx)
    except Exception as cause:
        said = cause.what if isinstance(cause, PlumblineError) else type(cause).__name__
        return JSONResponse({"status": "not ready", "reason": said}, status_code=503)
    if hindered:
        return JSONResponse({"status": "reads only", "reason": hindered.what, "events": seq, "head": head})
    return JSONResponse({"status": "ready", "events": seq, "head": head})


def _figures(ctx: Context) -> list[Figure]:
    """Counts alone: whoever may scrape the server learns nothing of any model or person."""
    with ctx.store.read() as cursor:
        models = inventory.registered(cursor)
        events, accesses = log.head(cursor)[0], log.head(cursor, "access")[0]
    writable = int(hindrance(ctx) is None)
    in_use = sum(stage.active for model in models for _, stage in model.versions)
    return [
        Figure("plumbline_events_total", "counter", "Entries of the event log.", events),
        Figure("plumbline_accesses_total", "counter", "Entries of the access log.", accesses),
        Figure("plumbline_models", "gauge", "Models in the inventory.", len(models)),
        Figure("plumbline_writable", "gauge", "1 while commands can be done, 0 while people can read only.", writable),
        Figure("plumbline_versions_in_use", "gauge", "Versions in use, restricted or not.", in_use),
    ]
