"""The app, its API and its health pages as one ASGI application: what `plumbline serve` runs."""

from __future__ import annotations

import asyncio
import atexit
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from plumbline.api import health, sessions
from plumbline.api.headers import Guarded, headers
from plumbline.api.opening import Later, Opening, Step, waiting
from plumbline.api.requests import Numbered
from plumbline.domain.people import Actor, Role
from plumbline.ui import cached, errors, session, single_sign_on

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent
SHELL = Path(st.__file__).parent / "static" / "index.html"
# Nobody: warming up reads pages in the widest role, and must not look like any person's visit.
NOBODY = session.Visit(Actor("", "Warm-up", Role.MODEL_RISK_OFFICER, tuple(Role)), None)

# Seconds between two looks at what the caches hold by now, and how many of them until everything is looked at again.
REST, WHOLE = 20, 180


class Served(st.App):
    """Answers before it is warm; every page waits until it is."""

    opening: Opening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.opening.serve(super().__call__, scope, receive, send)


def application(*, ready: Callable[[], None], tell: Callable[[str], None]) -> st.App:
    """Opens the store and makes the app, which draws every page once it listens; then `ready` is called.

    `tell` is told what was found of a server that did not stop in order.

    Errors as `Store.open`.
    """
    # Also where it is told to stop before it serves.
    atexit.register(cached.context().store.close)
    commands = Later(_commands)

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[None]:
        settle(whole=True)
        keeping = asyncio.create_task(_keep_settled())
        yield
        keeping.cancel()
        cached.context().store.close()

    steps = [Step("the anchor", partial(_anchor, tell)), Step("the API", commands.do), *rehearsal()]
    doors: list[Route | Mount] = [
        *health.routes(cached.context, lambda: app.opening.remaining()),
        *sessions.routes(cached.context),
        Mount("/api/v1", commands),
    ]
    around = [Middleware(Guarded, headers=headers(SHELL)), Middleware(Numbered, doors=tuple(d.path for d in doors))]
    app = Served(
        ROOT / "app.py",
        routes=doors,
        middleware=around,
        lifespan=lifespan,
        secrets=single_sign_on.settings(cached.context().single_sign_on),
        on_script_error=errors.fault,
    )
    app.opening = Opening(Starlette(routes=[*doors, waiting()], middleware=around), steps, ready)
    return app


# What these import takes a second or two, in which nobody would know whether the server lives.
def _anchor(tell: Callable[[str], None]) -> None:
    from plumbline.services import integrity, recovery

    found = recovery.told(cached.context())
    if found:
        tell(found)
    try:
        integrity.anchor(cached.context(), "serve")
    except OSError as refusal:
        tell(f"No head could be kept beside the store: {refusal}. People can read on.")


def _commands() -> ASGIApp:
    from plumbline.api import v1

    return v1.application(cached.context)


def settle(*, whole: bool = False) -> None:
    """Put what lives on out of the collector's sight: every script run ends with a full collection.

    What is frozen is freed with its last reference, but not where it refers to itself, as a visitor's session does:
    `whole` looks at everything anew.
    """
    if whole:
        gc.unfreeze()
    gc.collect()
    gc.freeze()


async def _keep_settled() -> None:
    """Views and figures that pages have made since: unfrozen, they would cost each further page some 80 ms."""
    rests = 0
    while True:
        await asyncio.sleep(REST)
        rests += 1
        settle(whole=rests % WHOLE == 0)


def rehearsal() -> list[Step]:
    """Imports what pages import and fills their caches: two first visitors at once would meet half-made modules.

    One visit for all pages, because each new one looks through every installed package for components.
    """
    visits: list[AppTest] = []

    def sign_in() -> None:
        from streamlit.testing.v1 import AppTest

        settle()
        visits.append(AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run())
        session.seat(visits[0], NOBODY)

    def draw(page: str) -> None:
        # What was imported since would be gone through at the end of this run.
        gc.freeze()
        visits[0].switch_page(page).run()

    pages = [f"pages/{page.name}" for page in sorted((ROOT / "pages").glob("*.py"))]
    # Until app.py itself has run, Streamlit opens a page past it, and a first visitor would lose the address asked for.
    return [Step("the sign-in", sign_in), *(Step(page, partial(draw, page)) for page in (*pages, "app.py"))]
