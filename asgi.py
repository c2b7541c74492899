"""The app, its API and its health pages as one ASGI application: what `plumbline serve` runs."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.testing.v1 import AppTest

from plumbline.api import health, sessions, v1
from plumbline.api.headers import Guarded, headers
from plumbline.domain.people import Actor, Role
from plumbline.services import integrity
from plumbline.ui import cached, session, single_sign_on

ROOT = Path(__file__).resolve().parent
SHELL = Path(st.__file__).parent / "static" / "index.html"
# Nobody: warming up reads pages in the widest role, and must not look like any person's visit.
NOBODY = session.Visit(Actor("", "Warm-up", Role.MODEL_RISK_OFFICER, tuple(Role)), None)

# Seconds between two looks at what the caches hold by now, and how many of them until everything is looked at again.
REST, WHOLE = 20, 180


def application(*, ready: Callable[[], None]) -> st.App:
    """Opens the store and draws every page once, then makes the app; `ready` is called before the first visitor."""
    integrity.anchor(cached.context(), "serve")
    warm_up()

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[None]:
        settle()
        keeping = asyncio.create_task(_keep_settled())
        ready()
        yield
        keeping.cancel()
        cached.context().store.close()

    doors = [*health.routes(cached.context), *sessions.routes(cached.context), *v1.routes(cached.context)]
    guarded = [Middleware(Guarded, headers=headers(SHELL))]
    provider = single_sign_on.settings(cached.context().single_sign_on)
    return st.App(ROOT / "app.py", routes=doors, middleware=guarded, lifespan=lifespan, secrets=provider)


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


def warm_up() -> None:
    """Imports what pages import and fills their caches: two first visitors at once would meet half-made modules."""
    for page in sorted((ROOT / "pages").glob("*.py")):
        run = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        session.seat(run, NOBODY)
        run.switch_page(f"pages/{page.name}").run()
    # Until app.py itself has run, Streamlit opens a page past it, and a first visitor would lose the address asked for.
    AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
