"""Each request has an id that client, answer and the server's log share; the log has nothing that anyone typed."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from tests.api.conftest import MODEL, Door

from plumbline.api import health, v1
from plumbline.api.requests import Numbered
from plumbline.connect.server_log import Lines
from plumbline.domain.people import Role

PERSON = "ana.ito"
SECRET = f"plumbline_s3cret-of-{PERSON}"


def broken(_: Request) -> Response:
    try:
        raise KeyError(SECRET)
    except KeyError as cause:
        raise ValueError(f"the password of {PERSON} is {SECRET}") from cause


def half(_: Request) -> Response:
    def parts() -> Any:
        yield b"so far"
        raise ValueError(SECRET)

    return StreamingResponse(parts())


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "plumbline")
    return caplog


def lines(heard: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What the server's log says."""
    return [json.loads(Lines().format(record)) for record in heard.records if record.name.startswith("plumbline")]


def ask(door: Door, path: str, *, said: str = "", token: str = "", body: bytes | None = None) -> httpx.Response:
    """One request of the whole server, but for its screens; `said` is the id it came with."""
    door.app.add_api_route("/broken/{name}", broken)
    door.app.add_api_route("/half", half)
    file = Route("/file", lambda _: PlainTextResponse("a screen's file"))
    doors = [Route("/ready/broken", broken), *health.routes(lambda: door.ctx), Mount(v1.PREFIX, door.app), file]
    around = [Middleware(Numbered, doors=("/ready", "/api/v1"))]
    transport = httpx.ASGITransport(Starlette(routes=doors, middleware=around))
    headers = {"X-Request-ID": said, "Authorization": f"Bearer {token}"}

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://plumbline.test") as client:
            return await client.request("POST" if body else "GET", path, headers=headers, content=body)

    return asyncio.run(asked())


def test_a_request_is_one_line_by_its_route_and_under_the_id_that_it_came_with(
    quiet_door: Door, heard: pytest.LogCaptureFixture
) -> None:
    token = quiet_door.token(Role.AUDITOR)
    answer = ask(quiet_door, f"/api/v1/models/{MODEL}?who=ana.ito", said="4f1c77aa-0001", token=token)
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "4f1c77aa-0001")
    (line,) = lines(heard)
    assert line["ms"] > 0
    assert line["time"].endswith("Z")
    assert {key: line[key] for key in line if key not in ("time", "ms")} == {
        "level": "info",
        "logger": "plumbline.requests",
        "event": "request",
        "request_id": "4f1c77aa-0001",
        "method": "GET",
        "route": "/api/v1/models/{model_id}",
        "status": 200,
    }


def test_a_refusal_carries_the_id_that_the_log_has(quiet_door: Door, heard: pytest.LogCaptureFixture) -> None:
    answer = ask(quiet_door, "/api/v1/models/none", token=quiet_door.token(Role.AUDITOR))
    number = answer.headers["x-request-id"]
    assert answer.json()["instance"] == f"urn:plumbline:request:{number}"
    assert [(line["request_id"], line["status"]) for line in lines(heard)] == [(number, 404)]


@pytest.mark.parametrize("said", [SECRET, "ana.ito", "short", "x" * 65, 'a"b', "two words here"])
def test_what_is_no_id_is_not_taken_for_one(quiet_door: Door, heard: pytest.LogCaptureFixture, said: str) -> None:
    number = ask(quiet_door, "/ready", said=said).headers["x-request-id"]
    assert number != said
    assert [line["request_id"] for line in lines(heard)] == [number]


@pytest.mark.parametrize(
    ("path", "route"),
    [("/api/v1/broken/ana.ito?password=x", "/api/v1/broken/{name}"), ("/ready/broken", "/ready/broken")],
)
def test_a_fault_is_told_once_under_the_id_in_the_answer_and_without_its_words(
    quiet_door: Door, heard: pytest.LogCaptureFixture, path: str, route: str
) -> None:
    answer = ask(quiet_door, path)
    number = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert answer.json()["id"] == number
    assert f"under {number}" in answer.json()["detail"]
    fault, request = lines(heard)
    assert (fault["event"], fault["request_id"], fault["error"]) == ("fault", number, "ValueError")
    assert any("KeyError led to" in place for place in fault["trace"])
    assert "test_requests.py" in fault["trace"][-1]
    assert (request["request_id"], request["status"], request["route"]) == (number, 500, route)
    said = json.dumps([fault, request])
    assert SECRET not in said
    assert PERSON not in said


def test_an_answer_that_breaks_off_is_not_mended_but_told(quiet_door: Door, heard: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="s3cret"):
        ask(quiet_door, "/api/v1/half")
    fault, request = lines(heard)
    assert (fault["event"], request["status"]) == ("fault", 200)
    assert fault["request_id"] == request["request_id"]


def test_an_address_that_is_none_is_not_repeated_and_a_file_of_the_screen_not_written_down(
    quiet_door: Door, heard: pytest.LogCaptureFixture
) -> None:
    assert ask(quiet_door, f"/api/v1/{SECRET}").status_code == 404
    assert ask(quiet_door, "/file").headers["x-request-id"]
    assert [line["route"] for line in lines(heard)] == ["/api/v1/*"]


def test_a_secret_is_in_no_line_however_it_fails(door: Door, heard: pytest.LogCaptureFixture) -> None:
    token = door.token(Role.MODEL_OWNER)
    tried = [
        ("/api/v1/commands/raise-finding", token, token.encode()),
        ("/api/v1/commands/raise-finding", token, json.dumps({"password": token}).encode()),
        ("/api/v1/events?after=" + token, token, None),
        ("/api/v1/models/" + token, token, None),
        ("/api/v1/broken/" + token, token, None),
        ("/api/v1/models", token + "x", None),
        ("/" + token, token, None),
    ]
    statuses = [ask(door, path, said=token, token=sent, body=body).status_code for path, sent, body in tried]
    assert statuses == [422, 422, 422, 404, 500, 401, 404]
    said = json.dumps(lines(heard))
    assert len(lines(heard)) == 7, "six requests of ours and one fault"
    assert token.removeprefix("plumbline_") not in said
