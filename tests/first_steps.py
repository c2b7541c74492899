"""A house where the first steps are done: its people have accounts, and each chose the password themself."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from plumbline.cli.clock import now
from plumbline.cli.main import main
from plumbline.domain.people import Role
from plumbline.policy.load import load_policy
from plumbline.services import identity
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

PASSWORD = "correct horse battery"
ADMINISTRATOR = "admin.one"


def settled(path: Path, people: Mapping[str, Role]) -> None:
    """A new store with an administrator and these."""
    numbers = itertools.count(1)
    store = Store.open(path, clock=now)
    ctx = Context(store, now, lambda: f"first-{next(numbers)}", load_policy())
    everyone = {ADMINISTRATOR: Role.ADMINISTRATOR, **people}
    # One hash will do for all: hashing is slow on purpose.
    hashed = identity.hash_password(PASSWORD)
    added = [
        c.AddPerson(user_id=each, name=each.replace(".", " ").title(), password_hash=hashed, initial=False)
        for each in everyone
    ]
    granted = [c.GrantRole(user_id=each, role=role) for each, role in everyone.items()]
    handle_together(ctx, [*added, *granted], SYSTEM)
    store.close()


def sit_down_as(monkeypatch: pytest.MonkeyPatch, user_id: str, password: str = PASSWORD) -> None:
    """The verbs act as this person from now on."""
    monkeypatch.setenv("PLUMBLINE_USER", user_id)
    monkeypatch.setenv("PLUMBLINE_PASSWORD", password)


def choose_own(monkeypatch: pytest.MonkeyPatch, user_id: str, given: str) -> None:
    """What everybody does first with a password that they were given; they stay at the keyboard."""
    sit_down_as(monkeypatch, user_id, given)
    monkeypatch.setenv("PLUMBLINE_NEW_PASSWORD", PASSWORD)
    assert main(["user", "password"]) == 0
    monkeypatch.delenv("PLUMBLINE_NEW_PASSWORD")
    sit_down_as(monkeypatch, user_id)
