"""`/api/v1`: commands and queries as one application, described by its own OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from plumbline import __version__
from plumbline.api import commands, copies, monitoring, problems, reading, strict
from plumbline.api.allowance import Allowance
from plumbline.domain.errors import PlumblineError
from plumbline.services.context import Context

PREFIX = "/api/v1"
TOLD = (
    "What people do on the screens and on the command line, for machines: the same rules decide, the same log is "
    "written. A token of `plumbline user token new` speaks for its person, in one role. Refusals are RFC 9457 problem "
    "details. An `Idempotency-Key` makes a command safe to send again; `If-Match` with a model's ETag makes sure that "
    "nobody changed it in between."
)
REFUSED = {
    "description": "A refusal: what happened, and what to do.",
    "content": {problems.CONTENT: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_FORM: Literal["validation"] = "validation"
BEARER = {"token": {"type": "http", "scheme": "bearer", "description": "A token of `plumbline user token new`."}}


def routes(context: Callable[[], Context]) -> list[Mount]:
    return [Mount(PREFIX, application(context))]


def application(context: Callable[[], Context]) -> FastAPI:
    """Every command that JSON can carry and every query, over the store that the app itself has open."""
    app = FastAPI(title="Plumbline", version=__version__, docs_url=None, redoc_url=None)
    app.state.allowance = Allowance()
    app.include_router(commands.router(context))
    app.include_router(reading.router(context))
    app.include_router(copies.router(context))
    app.include_router(monitoring.router(context))
    app.add_exception_handler(PlumblineError, problems.refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, problems.fault)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _unreadable(_: Request, error: Exception) -> Response:
    """A parameter of a query that is none."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    said = strict.words([{**each, "loc": each["loc"][-1:]} for each in found])
    return problems.problem(422, f"The request cannot be read: {said}", f"{PREFIX}/openapi.json says what it takes.")


def _http(_: Request, error: Exception) -> Response:
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    what = {404: "There is no such address", 405: "This address takes another method"}.get(status, "Refused")
    return problems.problem(status, what, f"{PREFIX}/openapi.json lists what there is.", headers=headers)


def _described(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        schema = get_openapi(title=app.title, version=app.version, description=TOLD, routes=app.routes)
        parts = schema.setdefault("components", {})
        parts["securitySchemes"] = BEARER
        parts["schemas"] = {**_definitions(), "Problem": problems.SCHEMA}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = REFUSED
        schema["security"] = [{"token": []}]
        schema["servers"] = [{"url": PREFIX}]
        app.openapi_schema = schema
    return app.openapi_schema


def _definitions() -> dict[str, Any]:
    """What the commands' own descriptions refer to."""
    forms = [(kind.__name__, _FORM, strict.adapter(kind)) for kind in commands.ASKED]
    _, described = TypeAdapter.json_schemas(forms, ref_template="#/components/schemas/{model}")
    found: dict[str, Any] = described.get("$defs", {})
    return found
