"""Where a model stands: each axis apart, grey never worded as green, and the pages that rest on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotFound
from plumbline.domain.models import Stage
from plumbline.domain.results import Level, Window
from plumbline.domain.signoff import Severity
from plumbline.services.inventory import inventory, subjects
from plumbline.services.model import model
from plumbline.services.portfolio import portfolio
from plumbline.services.standing import standings
from plumbline.services.views.standing import Check, Standing
from plumbline.workflow.commands import RaiseFinding

if TYPE_CHECKING:
    from tests.services.conftest import Desk


def put_in_use(desk: Desk) -> Standing:
    desk.monitor("r1", 0.05)
    desk.approve()
    desk.move("dep", Stage.IN_USE)
    return standings(desk.ctx)[0]


def test_a_model_in_use_stands_on_its_approval_its_validation_and_its_monitoring(desk: Desk) -> None:
    one = put_in_use(desk)
    assert (one.active, one.approval_effective, one.monitoring) == (True, True, Level.GREEN)
    assert one.of(Check.DRIFT).level is Level.GREEN
    assert one.validation_due == datetime(2027, 10, 1, tzinfo=UTC).date()
    assert one.next_due_what in ("approval", "validation")


def test_what_nobody_measured_is_grey_and_says_so(desk: Desk) -> None:
    one = put_in_use(desk)
    assert one.of(Check.FAIRNESS).level is Level.GREY
    assert "not measured" in one.of(Check.FAIRNESS).words
    assert one.of(Check.EXPLANATION).words == "none stored"


def test_a_model_never_approved_is_a_breach_of_approval(desk: Desk) -> None:
    one = standings(desk.ctx)[0]
    assert one.of(Check.APPROVAL).level is Level.RED
    assert one.of(Check.APPROVAL).words == "never approved"


def test_an_open_high_finding_is_amber_and_counts_until_closed(desk: Desk) -> None:
    raised = RaiseFinding(
        model_id="m",
        version_id="1",
        severity=Severity.HIGH,
        category="data",
        title="Stale bureau feed",
        description="The feed is a month old",
        owner="ana",
    )
    desk.act("val", raised)
    one = standings(desk.ctx)[0]
    assert (one.findings, one.findings_serious, one.findings_overdue) == (1, 1, 0)
    assert one.of(Check.FINDINGS).level is Level.AMBER
    assert model(desk.ctx, "m", "1").findings[0].title == "Stale bureau feed"


def test_the_portfolio_counts_only_what_it_can_answer(desk: Desk) -> None:
    put_in_use(desk)
    view = portfolio(desk.ctx)
    levels = {tile.key: tile.level for tile in view.tiles}
    assert len(view.tiles) == 12
    assert levels["in_use"] is None, "no limit is set for the number of models"
    assert levels["register"] is Level.GREY, "attestations are not recorded, and grey is not green"
    assert levels["unapproved"] is Level.GREEN
    held = [level for level in levels.values() if level is not None]
    within = sum(level in (Level.GREEN, Level.WATCH) for level in held)
    assert view.sentence.startswith(f"Within appetite on {within} of {len(held)} measures")
    assert f"{sum(level is Level.GREY for level in held)} cannot be measured" in view.sentence


def test_an_expired_approval_raises_the_count_without_any_job(desk: Desk) -> None:
    put_in_use(desk)
    desk.time[0] = datetime(2027, 10, 2, tzinfo=UTC)
    tile = next(tile for tile in portfolio(desk.ctx).tiles if tile.key == "unapproved")
    assert (tile.value, tile.level) == ("1", Level.RED)
    assert "Loan default" in tile.note


def test_the_portfolio_of_nothing_says_so(desk: Desk) -> None:
    with desk.ctx.store.transaction() as cursor:
        for table in ("model_use", "model_version", "model"):
            cursor.execute(f"delete from {table}")
    assert portfolio(desk.ctx).tiles == ()
    assert "No model is registered" in portfolio(desk.ctx).sentence


def test_the_inventory_says_how_many_stand_without_approval(desk: Desk) -> None:
    put_in_use(desk)
    view = inventory(desk.ctx)
    assert view.sentence == "1 model registered, 1 in use; every one in use has an effective approval."
    assert [(line.model_id, line.version, line.stage) for line in view.lines] == [("m", "1", "in use")]
    assert subjects(desk.ctx)[0].current == "1"


def test_the_dossier_tells_the_life_and_the_log(desk: Desk) -> None:
    put_in_use(desk)
    desk.monitor("r2", 0.06, Window("2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)))
    view = model(desk.ctx, "m", "1")
    lanes = [event.lane for event in view.life]
    assert (lanes.count("Monitoring"), lanes.count("Signatures"), lanes.count("Approvals")) == (2, 4, 1)
    assert [event.at for event in view.life] == sorted(event.at for event in view.life)
    assert view.changes[0].what.startswith("Monitoring run: 1 windows")
    assert view.chips[1].words == "until 1 Oct 2027"


def test_a_dossier_of_nobody_is_refused_in_words(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no model nonesuch"):
        model(desk.ctx, "nonesuch", "1")
