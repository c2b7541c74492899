"""The one cache boundary: every view is kept under the last event that touched what it reads."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from plumbline.policy.load import load_policy
from plumbline.services.clock import Today
from plumbline.services.clock import today as todays_date
from plumbline.services.context import Context
from plumbline.store.database import Store
from plumbline.ui import session

P = ParamSpec("P")
View = TypeVar("View")
DEFAULT_STORE = Path("data/store/plumbline.duckdb")


def _now() -> datetime:
    return datetime.now(UTC)


@st.cache_resource(show_spinner=False)
def context() -> Context:
    """The store, opened once for all sessions of this process, with the policy in force."""
    store = Store.open(os.environ.get("PLUMBLINE_STORE", DEFAULT_STORE), clock=_now)
    return Context(store=store, clock=_now, new_id=lambda: str(uuid.uuid4()), policy=load_policy())


def today() -> Today:
    """The day that the app calls today."""
    return todays_date(context())


def view(
    query: Callable[Concatenate[Context, P], View], model_id: str | None = None, /, *args: P.args, **kwargs: P.kwargs
) -> View:
    """The query's view, made once per revision of `model_id` (None: of the whole estate) and day.

    Nothing is read before somebody has signed in. Accesses and refusals stand in a chain of their own and key
    nothing here.
    """
    session.actor()
    ctx = context()
    name = f"{query.__module__}.{query.__qualname__}"
    key = (name, ctx.store.path, ctx.store.revision(model_id), today().now.date())
    seen: View = _kept(ctx, query, key, args, kwargs)
    return seen


# Views are frozen, so every session may hold the same one: a copy for each run would be unpickled anew.
@st.cache_resource(max_entries=2_048, show_spinner=False)
def _kept(
    _ctx: Context,
    _query: Callable[..., Any],
    key: tuple[str, str, int, date],  # noqa: ARG001 - what the cache is keyed by, beside the arguments
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    return _query(_ctx, *args, **kwargs)
