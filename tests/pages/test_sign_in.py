"""The door: nobody reads before signing in, the sample's doors open, a wrong password is told plainly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from plumbline.demo.people import PASSWORD
from plumbline.domain.people import Role
from plumbline.services import identity, sessions
from plumbline.services.governance import handle_together
from plumbline.ui import cached, session
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

Visitor = Callable[..., AppTest]


@pytest.mark.parametrize("page", ["portfolio", "audit", "drift"])
def test_nothing_is_shown_before_sign_in(visitor: Visitor, go: Visitor, empty_store: Path, page: str) -> None:
    at = go(visitor(empty_store), page)
    assert at.title[0].value == "Plumbline"
    assert not at.sidebar.button


def test_an_empty_store_has_no_doors_and_says_what_to_do(visitor: Visitor, empty_store: Path) -> None:
    at = visitor(empty_store)
    assert [button.label for button in at.button] == ["Sign in"]
    assert "plumbline init" in at.info[0].value.replace("\\", "")


def test_a_wrong_password_is_told_and_opens_nothing(visitor: Visitor, empty_store: Path) -> None:
    at = visitor(empty_store)
    at.text_input(key="sign-in-user").input("eve")
    at.text_input(key="sign-in-password").input("not the password")
    at.button(key="sign-in-send").click().run()
    assert "The name or the password is wrong" in at.error[0].value
    assert "_visit" not in at.session_state


@pytest.mark.parametrize(
    ("door", "lands_on"),
    [("executive", "Portfolio"), ("model_risk_officer", "Portfolio"), ("validator", "Approvals")],
)
def test_each_door_of_the_sample_is_one_click(visitor: Visitor, sample_estate: Path, door: str, lands_on: str) -> None:
    at = visitor(sample_estate)
    at.button(key=f"door-{door}").click().run()
    assert not at.exception
    assert at.title[0].value == lands_on
    visit = at.session_state["_visit"]
    assert isinstance(visit, session.Visit)
    assert visit.actor.acting_role == door
    assert any("Sample estate: today is 31 Oct 2026" in caption.value for caption in at.sidebar.caption)


GIVEN, OWN = "as it was given to kim", "correct horse battery"


def choose(at: AppTest, present: str, new: str, again: str = "") -> AppTest:
    for key, text in (("present", present), ("new", new), ("again", again or new)):
        at.text_input(key=f"password-{key}").input(text)
    return at.button(key="password-send").click().run()


def test_a_given_password_opens_the_choice_of_another_alone(visitor: Visitor, go: Visitor, empty_store: Path) -> None:
    at = visitor(empty_store)
    kim = c.AddPerson(user_id="kim", name="Kim Lee", password_hash=identity.hash_password(GIVEN))
    handle_together(cached.context(), [kim, c.GrantRole(user_id="kim", role=Role.ADMINISTRATOR)], SYSTEM)
    at.text_input(key="sign-in-user").input("kim")
    at.text_input(key="sign-in-password").input(GIVEN)
    at.button(key="sign-in-send").click().run()
    go(at, "audit")
    assert at.title[0].value == "Plumbline"
    assert any("Choose a password of your own" in each.value for each in at.markdown)
    assert "_visit" not in at.session_state
    assert not at.sidebar.button

    assert "two different new passwords" in choose(at, GIVEN, OWN, again="correct horse").error[0].value
    assert "15 are the least" in choose(at, GIVEN, "too short").error[0].value
    assert "is wrong" in choose(at, "not what was given", OWN).error[0].value
    assert "_visit" not in at.session_state
    choose(at, GIVEN, OWN)
    assert at.session_state["_visit"].actor.user_id == "kim"
    assert at.title[0].value == "Audit"
    assert at.sidebar.button(key="password-change").label == "Change password"


def test_the_samples_accounts_keep_the_password_that_all_know(visitor: Visitor, sample_estate: Path) -> None:
    at = visitor(sample_estate)
    at.button(key="door-executive").click().run()
    assert not [button for button in at.sidebar.button if button.key == "password-change"]


def test_signing_out_leaves_nobody_behind(visitor: Visitor, sample_estate: Path) -> None:
    at = visitor(sample_estate)
    at.button(key="door-executive").click().run()
    at.button(key="sign-out").click().run()
    assert "_visit" not in at.session_state
    assert at.title[0].value == "Plumbline"


def test_a_stay_that_was_ended_elsewhere_is_told(visitor: Visitor, go: Visitor, sample_estate: Path) -> None:
    at = visitor(sample_estate)
    at.button(key="door-validator").click().run()
    visit = at.session_state["_visit"]
    ctx = cached.context()
    assert not any(button.key == "sign-out-everywhere" for button in at.sidebar.button)
    other, _ = sessions.begin(ctx, visit.actor)
    at.run()
    assert at.button(key="sign-out-everywhere").help == "You are signed in at one other browser."
    sessions.end(ctx, other.session_id, visit.actor, everywhere=True)
    go(at, "drift")
    assert at.title[0].value == "Plumbline"
    assert at.info[0].value.startswith("You were signed out")
    at.button(key="door-validator").click().run()
    assert at.title[0].value == "Drift", "on they go where they were"
    assert not at.info or "You were signed out" not in at.info[0].value


def test_the_acting_role_is_kept_by_the_server(visitor: Visitor, sample_estate: Path) -> None:
    at = visitor(sample_estate)
    at.text_input(key="sign-in-user").input("ana.ito")
    at.text_input(key="sign-in-password").input(PASSWORD)
    at.button(key="sign-in-send").click().run()
    at.selectbox(key="acting-role").set_value(Role.APPROVER).run()
    found = sessions.go_on(cached.context(), at.session_state["_visit"].stay)
    assert found is not None
    assert found.actor.acting_role is Role.APPROVER
    assert at.session_state["_visit"].actor.acting_role is Role.APPROVER


def test_a_store_that_cannot_be_read_is_told_without_a_traceback(visitor: Visitor, sample_estate: Path) -> None:
    at = visitor(sample_estate)
    at.button(key="door-validator").click().run()
    cached.context().store.close()
    at.run()
    assert not at.exception
    assert "This page met a fault of our own" in at.error[0].value
