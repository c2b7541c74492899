"""A ticket is changed once, from the page's own origin, for a cookie that scripts cannot read."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from tests.moving_clock import MovingClock

from plumbline.api import sessions as door
from plumbline.domain.people import Actor, Role
from plumbline.policy.load import load_policy
from plumbline.services import sessions
from plumbline.services.context import Context
from plumbline.store.database import Store

ADA = Actor("ada", "Ada Min", Role.AUDITOR, (Role.AUDITOR,))
HOME = "http://plumbline.test"


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def ctx(clock: MovingClock, new_id: Callable[[], str]) -> Context:
    return Context(Store.open(":memory:", clock=clock), clock, new_id, load_policy())


async def post(
    ctx: Context, *, origin: str | None = HOME, base: str = HOME, kept: dict[str, str] | None = None, **said: object
) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=door.routes(lambda: ctx)))
    headers = {**({} if origin is None else {"Origin": origin}), **(kept or {})}
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        return await client.post("/session", headers=headers, **said)  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_ticket_is_changed_once(ctx: Context) -> None:
    _, ticket = sessions.begin(ctx, ADA)
    answer = await post(ctx, json={"ticket": ticket})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "; secure" not in cookie, "over plain http a browser would not send it back"
    assert answer.headers["cache-control"] == "no-store"
    token = answer.cookies[sessions.COOKIE]
    assert token != ticket
    again = await post(ctx, json={"ticket": ticket})
    assert again.status_code == 401
    assert again.json()["detail"] == "Sign in again."
    assert "set-cookie" not in again.headers


@pytest.mark.anyio
async def test_over_tls_the_cookie_is_for_tls_alone(ctx: Context) -> None:
    _, ticket = sessions.begin(ctx, ADA)
    home = "https://plumbline.test"
    answer = await post(ctx, origin=home, base=home, json={"ticket": ticket})
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.anyio
async def test_what_the_provider_said_is_deleted_as_the_session_begins(ctx: Context) -> None:
    _, ticket = sessions.begin(ctx, ADA)
    kept = {"Cookie": "_streamlit_user=claims; _streamlit_user_tokens_1=more; theme=dark"}
    answer = await post(ctx, json={"ticket": ticket}, kept=kept)
    deleted = [line.split("=")[0] for line in answer.headers.get_list("set-cookie") if "Max-Age=0" in line]
    assert sorted(deleted) == ["_streamlit_user", "_streamlit_user_tokens_1"]


@pytest.mark.anyio
@pytest.mark.parametrize("origin", [None, "null", "https://elsewhere.test", "http://plumbline.test:8080"])
async def test_another_site_cannot_start_a_session(ctx: Context, origin: str | None) -> None:
    _, ticket = sessions.begin(ctx, ADA)
    answer = await post(ctx, origin=origin, json={"ticket": ticket})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await post(ctx, json={"ticket": ticket})).status_code == 204, "and uses nothing up"


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"ticket": 1}', b'{"ticket": "' + b"x" * 5_000 + b'"}', b"\xff"])
async def test_what_is_no_ticket_is_refused(ctx: Context, body: bytes) -> None:
    assert (await post(ctx, content=body)).status_code == 400


@pytest.mark.anyio
async def test_a_ticket_is_good_for_a_minute(ctx: Context, clock: MovingClock) -> None:
    _, ticket = sessions.begin(ctx, ADA)
    clock.goes_on(seconds=61)
    assert (await post(ctx, json={"ticket": ticket})).status_code == 401
