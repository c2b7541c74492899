"""Machines get an answer from the store that the app has open, and no names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from plumbline.api import health
from plumbline.domain.people import Role
from plumbline.policy.load import load_policy
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM


@pytest.fixture
def ctx(clock: Callable[[], datetime], new_id: Callable[[], str]) -> Context:
    return Context(Store.open(":memory:", clock=clock), clock, new_id, load_policy())


def get(ctx: Context, path: str) -> tuple[int, str]:
    """One request straight into the application: status and body."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope: Mapping[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [],
        "query_string": b"",
    }
    asyncio.run(Starlette(routes=health.routes(lambda: ctx))(dict(scope), receive, send))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], body.decode()


def test_ready_names_the_head_of_the_log(ctx: Context) -> None:
    (recorded,) = handle(ctx, c.AddPerson(user_id="ada", name="Ada Min", password_hash=""), SYSTEM)
    status, body = get(ctx, "/ready")
    assert status == 200
    assert json.loads(body) == {"status": "ready", "events": 1, "head": recorded.hash}


def test_a_closed_store_is_alive_but_not_ready(ctx: Context) -> None:
    ctx.store.close()
    assert get(ctx, "/ready")[0] == 503
    assert get(ctx, "/health")[0] == 200


def test_metrics_count_and_name_nobody(ctx: Context) -> None:
    handle(ctx, c.AddPerson(user_id="ada", name="Ada Min", password_hash=""), SYSTEM)
    handle(ctx, c.GrantRole(user_id="ada", role=Role.ADMINISTRATOR), SYSTEM)
    status, body = get(ctx, "/metrics")
    assert status == 200
    assert "plumbline_events_total 2\n" in body
    assert "plumbline_models 0\n" in body
    assert "ada" not in body.lower()
