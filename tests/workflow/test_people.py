"""The people register: nobody promotes themselves, roles that must stay apart stay apart, one administrator stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, TransitionNotAllowed
from plumbline.domain.people import Actor, Authentication, Person, Role
from plumbline.policy.load import Policy
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.decide import decide
from plumbline.workflow.people import fold_person
from plumbline.workflow.permissions import INITIAL_PASSWORD, PERMITTED
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import ModelState

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def ask(
    policy: Policy, command: c.Command, *people: Person, actor: str = "adm", proof: Authentication | None = None
) -> tuple[e.Event, ...]:
    register = {p.user_id: p for p in (Person("adm", "Adm", (Role.ADMINISTRATOR,)), *people)}
    situation = Situation(
        actor=Actor(actor, "A", register[actor].roles[0], register[actor].roles),
        now=NOON,
        new_id=lambda: "1",
        policy=policy,
        people=register,
        authentication=proof,
    )
    return decide(ModelState(id=""), command, situation)


SECOND = Person("bob", "Bob", (Role.ADMINISTRATOR,))


def test_the_event_holds_no_password(policy: Policy) -> None:
    (event,) = ask(policy, c.AddPerson(user_id="ana", name="Ana", password_hash="$argon2id$secret"))
    assert "secret" not in repr(event)


@pytest.mark.parametrize(("chosen_by_themself", "password_hash", "owed"), [
    (False, "$argon2id$", True), (True, "$argon2id$", False), (False, "", False),
])  # fmt: skip
def test_a_password_that_somebody_else_chose_is_initial(
    policy: Policy, chosen_by_themself: bool, password_hash: str, owed: bool
) -> None:
    added = c.AddPerson(user_id="ana", name="Ana", password_hash=password_hash, initial=not chosen_by_themself)
    (event,) = ask(policy, added)
    assert isinstance(event, e.PersonAdded)
    assert event.initial_password is owed


NEW = Person("ana", "Ana", (Role.ADMINISTRATOR,), initial_password=True)
JUST_NOW = Authentication("ana", "password", NOON)


@pytest.mark.parametrize("kind", [kind for kind in PERMITTED if kind is not c.ChangePassword], ids=lambda k: k.__name__)
def test_who_has_an_initial_password_can_ask_for_nothing_else(policy: Policy, kind: type[c.Command]) -> None:
    """Before the command is even looked at."""
    with pytest.raises(NotAuthorised, match="somebody else chose") as refused:
        ask(policy, object.__new__(kind), NEW, actor="ana", proof=JUST_NOW)
    assert refused.value.duty == INITIAL_PASSWORD


def test_a_password_is_changed_by_its_person_who_has_just_entered_the_present_one(policy: Policy) -> None:
    changed = c.ChangePassword(user_id="ana", password_hash="$argon2id$secret")
    (event,) = ask(policy, changed, NEW, actor="ana", proof=JUST_NOW)
    assert isinstance(event, e.PasswordChanged)
    assert "secret" not in repr(event)
    with pytest.raises(NotAuthorised, match="needs your password again"):
        ask(policy, changed, NEW, actor="ana")
    with pytest.raises(NotAuthorised, match="by the person whose it is"):
        ask(policy, changed, NEW, proof=Authentication("adm", "password", NOON))


def test_a_password_is_reset_by_another_administrator_for_a_reason(policy: Policy) -> None:
    (event,) = ask(policy, c.ResetPassword(user_id="bob", password_hash="x", reason="forgot it"), SECOND)
    assert event == e.PasswordReset(user_id="bob", reason="forgot it")
    with pytest.raises(NotAuthorised, match="Nobody resets their own"):
        ask(policy, c.ResetPassword(user_id="adm", password_hash="x", reason="forgot it"), SECOND)
    with pytest.raises(EvidenceMissing, match="for a reason"):
        ask(policy, c.ResetPassword(user_id="bob", password_hash="x", reason=" "), SECOND)
    with pytest.raises(EvidenceMissing, match="an account that is open"):
        ask(policy, c.ResetPassword(user_id="bob", password_hash="x", reason="left"), replace(SECOND, active=False))


def test_the_samples_accounts_keep_the_password_that_all_know(policy: Policy) -> None:
    sample = replace(SECOND, origin="demo")
    with pytest.raises(TransitionNotAllowed, match="shows to all"):
        ask(policy, c.ResetPassword(user_id="bob", password_hash="x", reason="forgot it"), sample)
    changed = c.ChangePassword(user_id="bob", password_hash="x")
    with pytest.raises(TransitionNotAllowed, match="shows to all"):
        ask(policy, changed, sample, actor="bob", proof=Authentication("bob", "password", NOON))


def test_names_are_never_reused(policy: Policy) -> None:
    with pytest.raises(TransitionNotAllowed, match="already an account"):
        ask(policy, c.AddPerson(user_id="bob", name="Bob", password_hash="x"), Person("bob", "B", (), active=False))


@pytest.mark.parametrize(("user_id", "name"), [("Ana Ito", "Ana"), ("", "Ana"), ("ana", " "), ("a" * 65, "Ana")])
def test_an_account_is_a_plain_word_with_a_full_name(policy: Policy, user_id: str, name: str) -> None:
    with pytest.raises(EvidenceMissing, match="cannot be an account"):
        ask(policy, c.AddPerson(user_id=user_id, name=name, password_hash="x"))


def test_nobody_grants_a_role_to_themselves(policy: Policy) -> None:
    command = c.GrantRole(user_id="adm", role=Role.APPROVER)
    with pytest.raises(NotAuthorised, match="to themselves"):
        ask(policy, command, SECOND)
    assert ask(policy, command) != ()


def test_administrators_and_auditors_hold_no_other_role(policy: Policy) -> None:
    with pytest.raises(NotAuthorised, match="Administrator cannot be joined"):
        ask(policy, c.GrantRole(user_id="bob", role=Role.APPROVER), SECOND)
    with pytest.raises(NotAuthorised, match="Auditor cannot be joined"):
        ask(policy, c.GrantRole(user_id="ana", role=Role.AUDITOR), SECOND, Person("ana", "Ana", (Role.APPROVER,)))


def test_the_last_administrator_stays(policy: Policy) -> None:
    with pytest.raises(TransitionNotAllowed, match="last administrator"):
        ask(policy, c.DisablePerson(user_id="adm", reason="left"))
    with pytest.raises(TransitionNotAllowed, match="last administrator"):
        ask(policy, c.RevokeRole(user_id="adm", role=Role.ADMINISTRATOR, reason="left"))


def test_only_administrators_run_the_register(policy: Policy) -> None:
    with pytest.raises(NotAuthorised, match="It takes Administrator"):
        ask(
            policy, c.GrantRole(user_id="ana", role=Role.APPROVER), Person("ana", "A", (Role.MODEL_OWNER,)), actor="ana"
        )


def test_a_person_is_what_their_events_say() -> None:
    history: list[e.PersonEvent] = [
        e.PersonAdded(user_id="ana", name="Ana Ito", line_manager="bob"),
        e.RoleGranted(user_id="ana", role=Role.VALIDATOR),
        e.RoleGranted(user_id="ana", role=Role.APPROVER),
        e.RoleRevoked(user_id="ana", role=Role.VALIDATOR, reason="moved"),
        e.PersonDisabled(user_id="ana", reason="left"),
    ]
    recorded = [
        e.Recorded(
            seq=seq,
            recorded_at=NOON,
            actor="adm",
            acting_role="administrator",
            roles=(),
            entity_id="ana",
            origin="demo",
            app_version="0",
            hash="",
            event=event,
        )
        for seq, event in enumerate(history)
    ]
    assert fold_person(recorded) == Person("ana", "Ana Ito", (Role.APPROVER,), "bob", active=False, origin="demo")
