"""Today is the sample estate's last day while a store holds nothing else, and the real day ever after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plumbline.domain.people import Role
from plumbline.services.clock import SAMPLE_TODAY, today
from plumbline.services.context import Context, duties_separated
from plumbline.services.governance import handle
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

if TYPE_CHECKING:
    from tests.services.conftest import Desk


def empty(desk: Desk) -> Context:
    return replace(desk.ctx, store=Store.open(":memory:", clock=desk.ctx.clock), origin="demo")


def test_an_empty_store_lives_today(desk: Desk) -> None:
    found = today(empty(desk))
    assert (found.now, found.sample) == (desk.time[0], False)


def test_the_sample_estate_lives_on_its_last_day_until_somebody_else_joins(desk: Desk) -> None:
    ctx = empty(desk)
    handle(ctx, c.AddPerson(user_id="ann", name='"origin":"demo"', password_hash=""), SYSTEM)
    assert (today(ctx).now, today(ctx).sample) == (SAMPLE_TODAY, True)
    handle(replace(ctx, origin="user"), c.AddPerson(user_id="bob", name='"origin":"demo"', password_hash=""), SYSTEM)
    assert not today(ctx).sample


def test_one_administrator_means_duties_are_not_separated(desk: Desk) -> None:
    assert duties_separated(desk.ctx)
    desk.act("adm", c.RevokeRole(user_id="adm2", role=Role.ADMINISTRATOR, reason="left"))
    assert not duties_separated(desk.ctx)
