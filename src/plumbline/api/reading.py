"""What machines read: the inventory, a model, its judged figures, the gate, and the log word for word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from plumbline.api import bearer
from plumbline.exports import inventory
from plumbline.services import reading
from plumbline.services.context import Context
from plumbline.services.gate import gate
from plumbline.services.reach import within

MOST = 1_000
Limit = Annotated[int, Query(ge=1, le=MOST, description=f"How many at most; {MOST} is the most.")]
After = Annotated[int, Query(ge=0, description="How many to leave out: `next` of the answer before.")]
Texts = Annotated[list[str] | None, Query(description="May be given several times; absent: all.")]


def router(context: Callable[[], Context]) -> APIRouter:
    routes = APIRouter(tags=["queries"])
    _add_models(routes, context)
    _add_judged(routes, context)
    _add_log(routes, context)
    return routes


def _add_models(routes: APIRouter, context: Callable[[], Context]) -> None:
    @routes.get("/models", name="models")
    def models(request: Request, limit: Limit = 100, after: After = 0) -> Response:
        """Every version of every model that the token reaches, as the inventory export has them."""
        ctx = context()
        actor = bearer.actor(ctx, request)
        found = [row for row in inventory.rows(within(ctx, actor)) if not actor.models or row.get("id") in actor.models]
        return _page("models", found, limit, after)

    @routes.get("/models/{model_id}", name="model")
    def model(request: Request, model_id: str) -> Response:
        """Register, versions, uses, cases and findings; the revision is the ETag that If-Match wants."""
        ctx = context()
        found = reading.model(ctx, bearer.actor(ctx, request), model_id)
        return JSONResponse(found.body, headers=_fresh(ETag=f'"{found.revision}"'))


def _add_judged(routes: APIRouter, context: Callable[[], Context]) -> None:
    @routes.get("/models/{model_id}/versions/{version_id}/results", name="results")
    def results(
        request: Request,
        model_id: str,
        version_id: str,
        window: Texts = None,
        metric: Texts = None,
        limit: Limit = 100,
        after: After = 0,
    ) -> Response:
        """The newest figure of each window with its interval, its rows and its verdict; the reference comes first."""
        ctx = context()
        actor = bearer.actor(ctx, request)
        found = reading.results(ctx, actor, model_id, version_id, windows=window or (), metrics=metric or ())
        return _page("results", found, limit, after)

    @routes.get("/gate/{model_id}/{version_id}", name="gate")
    def ask_gate(
        request: Request, model_id: str, version_id: str, use: str | None = None, artifact_sha256: str | None = None
    ) -> Response:
        """Whether the version (that use of it, that artefact) is approved now; if not, why."""
        ctx = context()
        reading.check_reach(ctx, bearer.actor(ctx, request), model_id)
        found = gate(ctx, model_id, version_id, use_id=use, artefact_sha256=artifact_sha256)
        return JSONResponse(found.as_json(), headers=_fresh())


def _add_log(routes: APIRouter, context: Callable[[], Context]) -> None:
    @routes.get("/events", name="events")
    def events(request: Request, limit: Limit = 100, after: After = 0, entity_id: str | None = None) -> Response:
        """The event log from behind a sequence number on, word for word, so that its chain can be proven."""
        ctx = context()
        found = reading.events(ctx, bearer.actor(ctx, request), after=after, limit=limit + 1, entity_id=entity_id)
        body: dict[str, Any] = {"events": found[:limit]}
        if len(found) > limit:
            body["next"] = found[limit - 1]["seq"]
        return JSONResponse(body, headers=_fresh())


def _page(name: str, found: Sequence[object], limit: int, after: int) -> Response:
    body: dict[str, object] = {name: list(found[after : after + limit]), "of": len(found)}
    if after + limit < len(found):
        body["next"] = after + limit
    return JSONResponse(body, headers=_fresh())


def _fresh(**more: str) -> dict[str, str]:
    return {"Cache-Control": "no-store", **more}
