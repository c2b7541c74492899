"""The estate as it stands on 31 October 2026: who waits for whom, what expires, and that all of it was commanded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plumbline.demo.estate import EstateClock, build
from plumbline.demo.people import DOORS, PASSWORD
from plumbline.domain.errors import TransitionNotAllowed
from plumbline.domain.models import Stage, Tier
from plumbline.domain.people import Actor, Role, Seat
from plumbline.domain.results import Level
from plumbline.domain.signoff import CaseStatus, FindingStatus, Severity
from plumbline.policy.load import load_policy
from plumbline.services import audit, governance, identity
from plumbline.services import clock as clock_service
from plumbline.services.context import Context
from plumbline.services.evidence import changed, state_of
from plumbline.services.fairness import fairness_view
from plumbline.services.portfolio import portfolio
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.approval import approval
from plumbline.workflow.people import SYSTEM
from plumbline.workflow.state import CaseState, ModelState

TODAY = datetime(2026, 10, 31, 18, tzinfo=UTC)


@pytest.fixture
def estate(sample_estate: Path) -> Iterator[Context]:
    store = Store.open(sample_estate, clock=lambda: TODAY)
    numbers = itertools.count(1)
    yield Context(store, lambda: TODAY, lambda: f"test-{next(numbers)}", load_policy())
    store.close()


def state(estate: Context, model: str) -> ModelState:
    with estate.store.read() as cursor:
        return state_of(cursor, model)


def open_case(estate: Context, model: str) -> CaseState:
    return next(case for case in state(estate, model).cases.values() if case.open)


def test_every_event_is_the_samples_own_and_in_order_of_time(estate: Context) -> None:
    with estate.store.read() as cursor:
        rows = cursor.execute("select recorded_at from event order by seq").fetchall()
    times = [row[0] for row in rows]
    assert times == sorted(times)
    assert times[0] < datetime(2024, 9, 3)  # noqa: DTZ001 - the store keeps UTC without a zone
    assert times[-1] < datetime(2026, 10, 31, 18)  # noqa: DTZ001
    assert clock_service.today(estate) == clock_service.Today(TODAY, sample=True)


def test_doors_are_separate_people_who_can_sign_in(estate: Context) -> None:
    roles = [identity.sign_in(estate, user_id, PASSWORD).acting_role for user_id in DOORS]
    assert roles == [Role.EXECUTIVE, Role.MODEL_RISK_OFFICER, Role.VALIDATOR]
    visits = {user_id: identity.last_visit(estate, user_id) for user_id in DOORS}
    assert all(last and audit.since(estate, user_id, last) for user_id, last in visits.items())


def test_a_tier_one_case_waits_for_the_executive_alone(estate: Context) -> None:
    case = open_case(estate, "retail-pd")
    assert state(estate, "retail-pd").tier is Tier.ONE
    assert case.status is CaseStatus.APPROVAL
    voted = {vote.signature.seat for vote in case.standing_votes}
    assert voted == {Seat.MODEL_RISK_OFFICER, Seat.INDEPENDENT_MEMBER}
    assert changed(estate, case.id) == ()


@pytest.mark.parametrize("model", ["sme-pd", "readmission", "offer-recommender"])
def test_cases_wait_for_the_validator_behind_the_door(estate: Context, model: str) -> None:
    case = open_case(estate, model)
    entry = state(estate, model).entry
    assert case.status is CaseStatus.VALIDATION
    assert entry is not None
    assert entry.validator == "cara.doyle"
    assert changed(estate, case.id) == ()


def test_one_case_came_back_with_a_question(estate: Context) -> None:
    assert "intervals half as wide again" in open_case(estate, "asset-returns").question


def test_stages_reach_from_proposed_to_retired(estate: Context) -> None:
    assert state(estate, "service-routing").versions["2.0"].stage is Stage.PROPOSED
    assert state(estate, "sme-pd").versions["1.4"].stage is Stage.IN_USE_RESTRICTED
    assert state(estate, "legacy-pd").versions["6.0"].stage is Stage.RETIRED
    assert state(estate, "retail-pd").versions["3.2"].stage is Stage.IN_USE


def test_an_approval_expires_soon_and_a_blocking_condition_falls_due(estate: Context) -> None:
    retail = approval(state(estate, "retail-pd"), "3.2", TODAY)
    assert retail.effective
    assert retail.expires_at is not None
    assert (retail.expires_at - TODAY).days <= 30
    lapse = next(case for case in state(estate, "life-lapse").cases.values() if case.conditions)
    assert [(held.condition.blocking, held.verified_at) for held in lapse.conditions] == [(True, None)]


def test_findings_stand_at_every_severity(estate: Context) -> None:
    models = ("sme-pd", "card-fraud", "mortgage-pd", "aml-alerts", "motor-frequency", "readmission")
    findings = [finding for model in models for finding in state(estate, model).findings.values()]
    assert {f.severity for f in findings if f.status is FindingStatus.OPEN} == set(Severity)
    assert {f.status for f in findings} == set(FindingStatus)


def test_a_store_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "own.duckdb"
    store = Store.open(path, clock=lambda: TODAY)
    ctx = Context(store, lambda: TODAY, lambda: "1", load_policy())
    governance.handle(ctx, c.AddPerson(user_id="a.b", name="A B", password_hash="x"), SYSTEM)
    store.close()
    before = path.read_bytes()
    with pytest.raises(TransitionNotAllowed, match="already holds"):
        build(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_estate_clock_gives_no_moment_twice() -> None:
    clock = EstateClock(TODAY)
    assert clock() < clock()


def test_the_fairness_page_opens_on_the_attribute_that_fares_worst(estate: Context) -> None:
    view = fairness_view(estate, "mortgage-pd", "2.0")
    assert (view.attribute, view.headline.level) == ("sex", Level.RED)


def test_a_model_whose_outcomes_nobody_could_judge_is_not_covered(estate: Context) -> None:
    coverage = next(tile for tile in portfolio(estate).tiles if tile.key == "coverage")
    assert coverage.level is not Level.GREEN
    assert coverage.note == "late or too little data: AML alert scoring"


def test_what_a_sample_account_does_to_a_model_is_part_of_the_sample_and_adding_people_is_not(estate: Context) -> None:
    later = replace(estate, clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    cara = Actor("cara.doyle", "Cara Doyle", Role.VALIDATOR, (Role.VALIDATOR,))
    question = c.RaiseFinding(
        model_id="offer-recommender",
        version_id="1.3",
        severity=Severity.LOW,
        category="data",
        title="Season",
        description="Where is the season's table?",
        owner="marcus.webb",
    )
    assert governance.handle(later, question, cara)[0].recorded_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert clock_service.today(later) == clock_service.Today(clock_service.SAMPLE_TODAY, sample=True)
    admin = Actor("kelly.brandt", "Kelly Brandt", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
    governance.handle(later, c.AddPerson(user_id="real.person", name="Real Person", password_hash=""), admin)
    assert not clock_service.today(later).sample
