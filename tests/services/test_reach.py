"""A role that is held for some models alone: the others are not there, whatever is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.entries import LOAN_DEFAULT

from plumbline.domain.errors import NotAuthorised, NotFound
from plumbline.domain.models import Stage, UseEntry, VersionEntry
from plumbline.domain.people import Actor, Grant, Role, Scope, ScopeKind
from plumbline.exports import approvals as approvals_export
from plumbline.exports import inventory as inventory_export
from plumbline.exports import validation_report
from plumbline.services import approvals, audit, explanation_view, inventory, model, reading, stored
from plumbline.services.reach import within
from plumbline.workflow import commands as c

if TYPE_CHECKING:
    from tests.services.conftest import Desk

    from plumbline.services.context import Context

CARDS = Scope(ScopeKind.BUSINESS_LINE, "Cards")


@pytest.fixture
def two(desk: Desk) -> Desk:
    """Beside the desk's model, of retail, one of cards; both are in validation, and one had a refusal."""
    desk.act("ana", c.RegisterModel(entry=replace(LOAN_DEFAULT, id="card", name="Card", business_line="Cards")))
    desk.act("ana", c.RegisterVersion(version=VersionEntry(model_id="card", id="1")))
    desk.act("ana", c.RegisterUse(use=UseEntry(model_id="card", id="ranking", purpose="ranking")))
    desk.act("ana", c.MoveVersion(model_id="card", version_id="1", to=Stage.IN_DEVELOPMENT, reason="R"))
    desk.submit()
    desk.act("dev", c.SubmitForValidation(model_id="card", version_id="1", use_id="ranking"))
    with pytest.raises(NotAuthorised):
        desk.act("dep", c.SubmitForValidation(model_id="m", version_id="1", use_id="ranking"))
    return desk


def reader(role: Role = Role.VALIDATOR, scope: Scope = CARDS) -> Actor:
    return Actor("val", "Val", role, (role,), narrowed=(Grant(role, scope),))


def narrowed(desk: Desk) -> Context:
    return within(desk.ctx, reader())


def test_lists_hold_what_the_role_reaches_and_no_more(two: Desk) -> None:
    ctx = narrowed(two)
    assert [one.model_id for one in inventory.subjects(two.ctx)] == ["card", "m"]
    assert [one.model_id for one in inventory.subjects(ctx)] == ["card"]
    assert [one.model_id for one in inventory.inventory(ctx).lines] == ["card"]
    assert {one.model_id for one in (*approvals.inbox(ctx, "val").mine, *approvals.inbox(ctx, "val").others)} == {
        "card"
    }
    assert [row["id"] for row in inventory_export.rows(ctx)] == ["card"]
    assert "2 models" in inventory.inventory(two.ctx).sentence
    assert "1 model registered" in inventory.inventory(ctx).sentence


def test_the_log_tells_of_people_and_of_the_models_within_reach(two: Desk) -> None:
    ctx = narrowed(two)
    about = set(audit.audit(ctx).entities)
    assert "model card" in about
    assert "person ana" in about
    assert "model m" not in about
    assert "model m" in set(audit.audit(two.ctx).entities)
    assert [line.about for line in audit.accesses(two.ctx, 0).refusals] == ["model m"]
    assert audit.accesses(ctx, 0).refusals == ()
    start = two.time[0].replace(year=2020)
    assert not any(", m:" in line for line in audit.since(ctx, "val", start))
    assert any(", card:" in line for line in audit.since(ctx, "val", start))


def test_a_model_out_of_reach_is_told_like_one_that_nobody_registered(two: Desk) -> None:
    ctx, case = narrowed(two), two.case.id
    asked: dict[str, Callable[[str], object]] = {
        "model": lambda name: model.model(ctx, name, "1"),
        "figures": lambda name: stored.subject(ctx, name, "1"),
        "explanations": lambda name: explanation_view.explanations_view(ctx, name, "1"),
        "api": lambda name: reading.model(two.ctx, reader(), name),
        "results": lambda name: reading.results(two.ctx, reader(), name, "1"),
        "events": lambda name: reading.events(two.ctx, reader(), after=0, limit=9, entity_id=name),
    }
    for ask in asked.values():
        ask("card")
        with pytest.raises(NotFound, match="There is no model 'm'"):
            ask("m")
    for about_case in (
        lambda: approvals.case_view(ctx, case, "val"),
        lambda: validation_report.export(two.ctx, reader(), case),
    ):
        with pytest.raises(NotFound, match="There is no model 'm'"):
            about_case()


def test_what_holds_every_model_is_not_handed_to_a_role_that_reaches_some(two: Desk) -> None:
    for ask in (
        lambda: approvals_export.export(two.ctx, reader(Role.AUDITOR)),
        lambda: reading.events(two.ctx, reader(Role.AUDITOR), after=0, limit=9),
    ):
        with pytest.raises(NotAuthorised, match="auditor for business line Cards alone"):
            ask()


def test_an_inventory_export_says_that_it_is_of_some_models(two: Desk) -> None:
    found = inventory_export.json(two.ctx, reader())
    assert [row["id"] for row in json.loads(found.content)["rows"]] == ["card"]
    assert found.stamp.subject == "business line Cards"


def test_the_independence_matrix_says_that_a_validator_is_one_for_other_models(two: Desk) -> None:
    grant = c.GrantRole(user_id="zed", role=Role.VALIDATOR, scope=CARDS)
    two.act("adm", c.AddPerson(user_id="zed", name="Zed", password_hash=""))
    two.act("adm", grant)
    two.act("adm2", grant)
    seen = approvals.case_view(two.ctx, two.case.id, "zed")
    assert "You are validator for other models alone." in [duty.words for duty in seen.duties]
    assert not any(line.mine for line in approvals.inbox(two.ctx, "zed").others if line.model_id == "m")


def test_another_role_of_the_same_person_reaches_what_it_reached(two: Desk) -> None:
    both = replace(reader(), roles=(Role.AUDITOR, Role.VALIDATOR))
    assert within(two.ctx, both).reach == (CARDS,)
    assert within(two.ctx, replace(both, acting_role=Role.AUDITOR)).reach == ()
