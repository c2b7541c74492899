"""The one cache boundary: every view is kept under the last event that touched what it reads."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from plumbline.domain.people import Scope
from plumbline.policy.load import load_policy
from plumbline.policy.single_sign_on import read_single_sign_on
from plumbline.services.clock import Today
from plumbline.services.clock import today as todays_date
from plumbline.services.context import Context
from plumbline.services.reach import within
from plumbline.store.database import Store
from plumbline.ui import session

P = ParamSpec("P")
View = TypeVar("View")
Key = tuple[str, str, int, date, tuple[Scope, ...]]
DEFAULT_STORE = Path("data/store/plumbline.duckdb")


def _now() -> datetime:
    return datetime.now(UTC)


@st.cache_resource(show_spinner=False)
def context() -> Context:
    """The store, opened once for all sessions of this process, with the policy in force."""
    store = Store.open(os.environ.get("PLUMBLINE_STORE", DEFAULT_STORE), clock=_now)
    house = os.environ.get("PLUMBLINE_SINGLE_SIGN_ON")
    return Context(
        store=store,
        clock=_now,
        new_id=lambda: str(uuid.uuid4()),
        policy=load_policy(),
        single_sign_on=read_single_sign_on(Path(house)) if house else None,
    )


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
    seen: View = _kept(_read(), query, _key(query, model_id), args, kwargs)
    return seen


def settled(
    query: Callable[Concatenate[Context, P], View],
    chosen: Callable[[View], Mapping[str, str]],
    model_id: str | None,
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> View:
    """The same for a view that makes the choices which nobody made, which `chosen` reads from it.

    From its second run on the page's controls ask for just these, so that the view is kept under them as well.
    """
    seen = view(query, model_id, *args, **kwargs)
    _kept(_read(), lambda *_, **__: seen, _key(query, model_id), args, {**kwargs, **chosen(seen)})
    return seen


def _read() -> Context:
    """What the person who sits here may read."""
    return within(context(), session.actor())


def _key(query: Callable[..., Any], model_id: str | None) -> Key:
    store, named = context().store, f"{query.__module__}.{query.__qualname__}"
    return named, store.path, store.revision(model_id), today().now.date(), _read().reach


# Views are frozen, so every session may hold the same one: a copy for each run would be unpickled anew.
@st.cache_resource(max_entries=2_048, show_spinner=False)
def _kept(
    _ctx: Context,
    _query: Callable[..., Any],
    key: Key,  # noqa: ARG001 - what the cache is keyed by, beside the arguments
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    return _query(_ctx, *args, **kwargs)
