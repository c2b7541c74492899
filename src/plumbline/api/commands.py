"""`POST /commands/<name>`: every command that JSON alone can carry, from the classes that all doors build."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plumbline.api import bearer, strict
from plumbline.api.body import body_of
from plumbline.domain.errors import EvidenceMissing
from plumbline.services.asking import ask
from plumbline.services.context import Context
from plumbline.workflow import commands as c
from plumbline.workflow.permissions import PERMITTED

# What travels with these is more than JSON (counts, rows, secrets), and signatures want the person at the keyboard.
ELSEWHERE = frozenset(
    {c.RecordMonitoring, c.RecordExplanation, c.RecordSegmentDrift, c.RecordSelfTest, c.AddPerson, c.IssueToken}
    | {c.SignValidationReport, c.CastVote, c.ChangePassword, c.ResetPassword}
)
ASKED = tuple(kind for kind in PERMITTED if kind not in ELSEWHERE)
EVENTS = {
    200: {
        "description": "The events that it came to; none where it was so already.",
        "headers": {"ETag": {"description": "The revision after them.", "schema": {"type": "string"}}},
    }
}


def router(context: Callable[[], Context]) -> APIRouter:
    routes = APIRouter(prefix="/commands", tags=["commands"])
    for kind in ASKED:
        form = strict.adapter(kind)
        routes.add_api_route(
            f"/{name_of(kind)}",
            _asking(context, form),
            methods=["POST"],
            name=name_of(kind),
            description=_told(kind),
            openapi_extra=_schema(form),
            responses=EVENTS,  # type: ignore[arg-type]
        )
    return routes


def name_of(kind: type[c.Command]) -> str:
    """
    >>> name_of(c.RaiseFinding)
    'raise-finding'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def revision(header: str | None) -> int | None:
    """The revision in `If-Match`; None without the header or with `*`.

    >>> revision('"41"'), revision("*")
    (41, None)
    """
    if header is None or header.strip() == "*":
        return None
    found = re.fullmatch(r'\s*"(\d{1,18})"\s*', header)
    if found is None:
        raise EvidenceMissing("If-Match names no revision", remedy='It is the ETag that a read gave, such as "41".')
    return int(found[1])


def _asking(context: Callable[[], Context], form: TypeAdapter[c.Command]) -> Callable[[Request], Awaitable[Response]]:
    async def asked(request: Request) -> Response:
        body = await body_of(request)
        return await run_in_threadpool(_answer, context(), form, request, body)

    return asked


def _answer(ctx: Context, form: TypeAdapter[c.Command], request: Request, body: bytes) -> Response:
    """Who asks comes first: to a stranger even the form of a request is nobody's business."""
    actor = bearer.actor(ctx, request)
    strict.each_once(body)
    answer = ask(
        ctx,
        strict.read(form, body),
        actor,
        key=request.headers.get("idempotency-key", ""),
        expected_revision=revision(request.headers.get("if-match")),
    )
    headers = {"Cache-Control": "no-store"}
    if answer.events:
        headers["ETag"] = f'"{answer.events[-1]["seq"]}"'
    if answer.repeated:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse({"events": list(answer.events)}, headers=headers)


def _told(kind: type[c.Command]) -> str:
    roles = ", ".join(sorted(role.label for role in PERMITTED[kind]))
    first = (kind.__doc__ or "").split("\n\n")[0]
    told = "" if first.startswith(f"{kind.__name__}(") else f"{' '.join(first.split())} "
    return f"{told}By: {roles}."


def _schema(form: TypeAdapter[c.Command]) -> dict[str, Any]:
    schema = form.json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
