"""The API over a store in memory, asked without a server by a token of somebody in the register."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.entries import LOAN_DEFAULT
from tests.moving_clock import MovingClock

from plumbline.api.v1 import application
from plumbline.domain.models import ModelEntry
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.policy.load import load_policy
from plumbline.services import tokens
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

MODEL = "m"


@dataclass
class Door:
    """Asks as the person with a role; every role has one, named like it."""

    ctx: Context
    app: FastAPI
    secrets: dict[tuple[Role, tuple[str, ...]], str] = field(default_factory=dict)

    def token(self, role: Role, models: tuple[str, ...] = ()) -> str:
        if (role, models) not in self.secrets:
            actor, proof = person(role), Authentication(role.value, "password", self.ctx.clock())
            _, secret = tokens.issue(self.ctx, actor, proof, label="test", role=role, days=9, models=models)
            self.secrets[role, models] = secret
        return self.secrets[role, models]

    async def ask(
        self, method: str, path: str, role: Role | None = None, *, models: tuple[str, ...] = (), **said: Any
    ) -> httpx.Response:
        headers = dict(said.pop("headers", {}))
        if role:
            headers.setdefault("Authorization", f"Bearer {self.token(role, models)}")
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://plumbline.test") as client:
            return await client.request(method, path, headers=headers, **said)

    def state(self) -> tuple[Any, ...]:
        """What no refusal may change: every event."""
        with self.ctx.store.read() as cursor:
            return tuple(cursor.execute("select hash from event order by seq").fetchall())

    def refusals(self) -> int:
        with self.ctx.store.read() as cursor:
            found = cursor.execute("select count(*) from access where action = 'refused'").fetchone()
        return int(found[0]) if found else 0


def entry(model_id: str) -> ModelEntry:
    """A register entry whose people are those of the roles."""
    return replace(
        LOAN_DEFAULT,
        id=model_id,
        owner=Role.MODEL_OWNER.value,
        developers=(Role.DEVELOPER.value,),
        accountable_executive=Role.EXECUTIVE.value,
        independent_member=Role.APPROVER.value,
    )


def person(role: Role) -> Actor:
    return Actor(role.value, role.label, role, (role,))


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def door(clock: MovingClock, new_id: Callable[[], str]) -> Door:
    return opened(clock, new_id)


@pytest.fixture(scope="module")
def quiet_door() -> Door:
    """One for all tests that change nothing."""
    numbers = itertools.count(1)
    return opened(MovingClock(), lambda: f"id-{next(numbers):04d}")


def opened(clock: MovingClock, new_id: Callable[[], str]) -> Door:
    """A register with a person for each role, and a model of the owner's."""
    ctx = Context(Store.open(":memory:", clock=clock), clock, new_id, load_policy())
    people = [c.AddPerson(user_id=role.value, name=role.label, password_hash="") for role in Role]
    handle_together(ctx, [*people, *(c.GrantRole(user_id=role.value, role=role) for role in Role)], SYSTEM)
    handle(ctx, c.RegisterModel(entry=entry(MODEL)), person(Role.MODEL_OWNER))
    return Door(ctx, application(lambda: ctx))
