"""Role by action by scope, every cell: what the one table says is what happens, and each refusal stands in the log.

Commands are made from their types, so that one added later joins by itself.
"""

from __future__ import annotations

import itertools
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
from tests.entries import LOAN_DEFAULT

from plumbline.domain.errors import NotAuthorised, PlumblineError
from plumbline.domain.models import Stage, UseEntry, VersionEntry
from plumbline.domain.people import EVERYWHERE, Actor, Authentication, Role, Scope, ScopeKind
from plumbline.policy.load import load_policy
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.decide import ABOUT_PEOPLE
from plumbline.workflow.people import SYSTEM
from plumbline.workflow.permissions import NEVER_SIGN, PERMITTED

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SCOPES = {
    "everywhere": EVERYWHERE,
    "its-line": Scope(ScopeKind.BUSINESS_LINE, LOAN_DEFAULT.business_line),
    "another-line": Scope(ScopeKind.BUSINESS_LINE, "Elsewhere"),
}
# What a request is about; everything else of it is made up.
KNOWN: dict[str, Any] = {
    "model_id": "m",
    "user_id": "target",
    "entry": LOAN_DEFAULT,
    "version": VersionEntry(model_id="m", id="1"),
    "use": UseEntry(model_id="m", id="ranking", purpose="ranking applications"),
    "version_id": "1",
    "use_id": "ranking",
}


def words(kind: type[c.Command]) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()


def made_up(kind: Any) -> Any:
    """The simplest value of a type; of a dataclass the simplest that can be made."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return None
    if typing.get_origin(kind) is tuple:
        return ()
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        wanted = [one for one in fields(kind) if one.default is MISSING or one.name in KNOWN]
        make: Any = kind
        return make(**{one.name: KNOWN.get(one.name, made_up(hints[one.name])) for one in wanted})
    if issubclass(kind, Enum):
        return next(iter(kind))
    simple: dict[Any, Any] = {str: "made up", int: 1, float: 1.0, bool: False, date: NOON.date(), datetime: NOON}
    return simple[kind]


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (EVERYWHERE, True),
        (Scope(ScopeKind.LEGAL_ENTITY, "Bank"), True),
        (Scope(ScopeKind.BUSINESS_LINE, "Retail"), True),
        (Scope(ScopeKind.MODEL, "m"), True),
        (Scope(ScopeKind.LEGAL_ENTITY, "Retail"), False),
        (Scope(ScopeKind.BUSINESS_LINE, "Bank"), False),
        (Scope(ScopeKind.MODEL, "n"), False),
    ],
)
def test_a_scope_covers_the_models_that_it_names(scope: Scope, covers: bool) -> None:
    assert scope.covers(LOAN_DEFAULT) is covers


@dataclass(frozen=True)
class House:
    """Everybody there can be: one account for each role in each scope; and the case that signatures are about."""

    ctx: Context
    case_id: str

    def ask(self, command: c.Command, role: Role, scope: str) -> NotAuthorised | None:
        """The refusal for want of a role, of reach or of a duty; None for any other outcome."""
        actor = Actor(account(role, scope), role.label, role, (role,))
        try:
            handle(self.ctx, command, actor, authentication=Authentication(actor.user_id, "password", NOON))
        except NotAuthorised as refusal:
            return refusal
        except PlumblineError:
            return None
        return None

    def count(self, table: str) -> int:
        with self.ctx.store.read() as cursor:
            return int(cursor.execute(f"select count(*) from {table}").fetchall()[0][0])

    def last_refusal(self) -> tuple[str, str, str]:
        """(who, command, rule) of the newest entry of the access log."""
        with self.ctx.store.read() as cursor:
            actor, payload = cursor.execute("select actor, payload from access order by seq desc limit 1").fetchall()[0]
        told = json.loads(payload)
        return actor, told["command"], told["rule"]


def account(role: Role, scope: str) -> str:
    return f"{role.value}.{scope}".replace("_", "-")


def people() -> Iterator[c.Command]:
    for name in ("ana", "dev", "eve", "ind", "target"):
        yield c.AddPerson(user_id=name, name=name.title(), password_hash="")
    yield c.GrantRole(user_id="ana", role=Role.MODEL_OWNER)
    for role, (name, scope) in itertools.product(Role, SCOPES.items()):
        yield c.AddPerson(user_id=account(role, name), name=role.label, password_hash="")
        everything = role is Role.ADMINISTRATOR
        yield c.GrantRole(user_id=account(role, name), role=role, scope=EVERYWHERE if everything else scope)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    numbers = itertools.count(1)
    ctx = Context(Store.open(":memory:", clock=lambda: NOON), lambda: NOON, lambda: f"{next(numbers)}", load_policy())
    handle_together(ctx, list(people()), SYSTEM)
    ana = Actor("ana", "Ana", Role.MODEL_OWNER, (Role.MODEL_OWNER,))
    for kind in (c.RegisterModel, c.RegisterVersion, c.RegisterUse):
        handle(ctx, made_up(kind), ana)
    handle(ctx, c.MoveVersion(model_id="m", version_id="1", to=Stage.IN_DEVELOPMENT, reason="R"), ana)
    opened = handle(ctx, made_up(c.SubmitForValidation), ana)
    yield House(ctx, opened[0].event.case_id)  # type: ignore[attr-defined]
    ctx.store.close()


def expected(kind: type[c.Command], role: Role, scope: str) -> str:
    """The rule that the table refuses by; empty where role and scope let the request through."""
    if role not in PERMITTED[kind] or (kind in (c.SignValidationReport, c.CastVote) and role in NEVER_SIGN):
        return "role"
    return "scope" if scope == "another-line" and kind not in ABOUT_PEOPLE else ""


@pytest.mark.parametrize("kind", list(PERMITTED), ids=words)
def test_what_the_table_says_is_what_happens(
    house: House, kind: type[c.Command], request: pytest.FixtureRequest
) -> None:
    every = request.config.getoption("--long")
    for role, scope in itertools.product(Role, SCOPES):
        # A role that may not is asked once, in the widest scope: none makes it one that may.
        if role not in PERMITTED[kind] and scope != "everywhere" and not every:
            continue
        command = made_up(kind)
        if hasattr(command, "case_id"):
            command = made_up_about(kind, house.case_id)
        events, accesses = house.count("event"), house.count("access")
        refusal, cell = house.ask(command, role, scope), (kind.__name__, role.value, scope)
        wanted = expected(kind, role, scope)
        if wanted:
            assert refusal is not None, cell
            assert (refusal.duty, refusal.remedy != "") == (wanted, True), (cell, refusal)
            assert (house.count("event"), house.count("access")) == (events, accesses + 1), cell
            assert house.last_refusal() == (account(role, scope), kind.__name__, wanted), cell
        elif refusal is not None:
            assert refusal.duty != "scope", (cell, refusal)
            assert refusal.what != f"The role {role.label} may not {words(kind)}", (cell, refusal)


def made_up_about(kind: type[c.Command], case_id: str) -> c.Command:
    plain = {one.name: getattr(made_up(kind), one.name) for one in fields(kind)}
    return kind(**{**plain, "case_id": case_id})
