"""A visitor for the pages: the app's own script, in a process of its own making, over a store of the test's choice."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from plumbline.domain.people import EVERYWHERE, Actor, Grant, Role, Scope
from plumbline.store.database import Store
from plumbline.ui import cached
from plumbline.ui.session import Visit

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "pages"

Visitor = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def packages_read_once() -> Iterator[None]:
    """For each visitor Streamlit looks for components in every installed package; none is installed meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture
def empty_store(tmp_path: Path) -> Path:
    """A store that has its tables and nothing in them."""
    path = tmp_path / "empty.duckdb"
    Store.open(path, clock=lambda: datetime(2026, 10, 31, tzinfo=UTC)).close()
    return path


@pytest.fixture
def visitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """`visitor(store)` stands before the sign-in; `visitor(store, role, user)` is signed in.

    The door is a script apart from `pages/`: beside that folder AppTest would open pages past app.py.
    """
    door = tmp_path / "door.py"
    door.write_text(f"import runpy\nrunpy.run_path({str(ROOT / 'app.py')!r})\n")

    def arrive(store: Path, role: Role | None = None, user: str = "nobody", scope: Scope = EVERYWHERE) -> AppTest:
        monkeypatch.setenv("PLUMBLINE_STORE", str(store))
        st.cache_resource.clear()
        at = AppTest.from_file(str(door), default_timeout=120)
        if role:
            narrowed = () if scope == EVERYWHERE else (Grant(role, scope),)
            at.session_state["_visit"] = Visit(Actor(user, user.title(), role, (role,), narrowed=narrowed), None)
        return at.run()

    yield arrive
    cached.context().store.close()
    st.cache_resource.clear()


def open_page(at: AppTest, name: str, **query: str) -> AppTest:
    """The page of that name, about this."""
    at.switch_page(str(PAGES / f"{name}.py"))
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


@pytest.fixture
def go() -> Callable[..., AppTest]:
    return open_page
