"""Refusals as RFC 9457 problem details: what happened, and what to do, in the words that every door uses."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from plumbline.connect import server_log
from plumbline.domain import errors

# By the class of the refusal, nearest first; what is not there is the client's input.
STATUS: dict[type[errors.PlumblineError], int] = {
    errors.NotAuthorised: 403,
    errors.NotFound: 404,
    errors.TransitionNotAllowed: 409,
    errors.StaleRevision: 412,
    errors.AskedTooOften: 429,
    errors.EvidenceMissing: 422,
    errors.StoreUnavailable: 503,
    errors.ChainBroken: 503,
}
CONTENT = "application/problem+json"
SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "What happened."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do."},
        "rule": {"type": "string", "description": "The duty that forbids it, such as S1, role or scope."},
        "where": {"type": "string"},
        "instance": {"type": "string", "description": "The request's id, as in X-Request-ID and the server's log."},
        "id": {"type": "string", "description": "The id of a fault in the server's log."},
    },
}
INSTANCE = "urn:plumbline:request:"
_LOG = logging.getLogger("plumbline.api")


def problem(
    status: int, what: str, remedy: str = "", *, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """The answer that says so; `more` are members of its own, such as the broken duty."""
    here = server_log.REQUEST.get()
    place = {"instance": f"{INSTANCE}{here}"} if here else {}
    return JSONResponse(
        {"type": "about:blank", "title": what, "status": status, "detail": remedy or f"{what}.", **place, **more},
        status_code=status,
        media_type=CONTENT,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def refused(_: Request, refusal: Exception) -> JSONResponse:
    """Any refusal of ours, for whichever route."""
    if not isinstance(refusal, errors.PlumblineError):
        return fault(_, refusal)
    duty = refusal.duty if isinstance(refusal, errors.NotAuthorised) else ""
    who = duty == "authentication"
    status = 401 if who else next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 422)
    more = {"rule": duty} if duty else {}
    place = {"where": refusal.where} if refusal.where else {}
    return problem(status, refusal.what, refusal.remedy, headers=_headers(refusal, who), **more, **place)


def _headers(refusal: errors.PlumblineError, who: bool) -> dict[str, str]:
    if isinstance(refusal, errors.AskedTooOften | errors.StoreBusy):
        return {"Retry-After": str(refusal.wait)}
    return {"WWW-Authenticate": 'Bearer realm="plumbline"'} if who else {}


def fault(_: Request, cause: Exception) -> JSONResponse:
    """A fault of our own: the details are in the server's log, under the id that the client gets."""
    number = server_log.fault(_LOG, cause)
    return problem(
        500, "Plumbline failed", f"It is in the server's log under {number}; nothing was changed.", id=number
    )
