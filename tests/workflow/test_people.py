"""The people register: nobody promotes themselves, roles that must stay apart stay apart, one administrator stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, TransitionNotAllowed
from plumbline.domain.people import (
    EVERYWHERE,
    Actor,
    Authentication,
    Grant,
    Person,
    Proposal,
    Review,
    Role,
    Scope,
    ScopeKind,
)
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
ANA = Person("ana", "Ana", (Role.MODEL_OWNER,))
CARDS = Scope(ScopeKind.BUSINESS_LINE, "Cards")
VALIDATOR = Grant(Role.VALIDATOR, CARDS)


def grant(scope: Scope = EVERYWHERE, role: Role = Role.VALIDATOR) -> c.GrantRole:
    return c.GrantRole(user_id="ana", role=role, scope=scope)


def told(*facts: e.PersonEvent, by: str = "adm") -> tuple[e.Recorded, ...]:
    """These facts as the log has them, all by one person."""
    return tuple(
        e.Recorded(
            seq=seq,
            recorded_at=NOON,
            actor=by,
            acting_role="administrator",
            roles=(),
            entity_id="ana",
            origin="demo",
            app_version="0",
            hash="",
            event=event,
        )
        for seq, event in enumerate(facts)
    )


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
    history = told(
        e.PersonAdded(user_id="ana", name="Ana Ito", line_manager="bob"),
        e.RoleGranted(user_id="ana", role=Role.VALIDATOR),
        e.RoleGranted(user_id="ana", role=Role.APPROVER),
        e.RoleRevoked(user_id="ana", role=Role.VALIDATOR, reason="moved"),
        e.PersonDisabled(user_id="ana", reason="left"),
    )
    assert fold_person(history) == Person("ana", "Ana Ito", (Role.APPROVER,), "bob", active=False, origin="demo")


def test_a_role_takes_two_administrators(policy: Policy) -> None:
    (proposed,) = ask(policy, grant(CARDS), SECOND, ANA)
    assert proposed == e.RoleProposed(user_id="ana", role=Role.VALIDATOR, scope=CARDS)
    waiting = replace(ANA, proposals=(Proposal(VALIDATOR, "adm", NOON),))
    assert ask(policy, grant(CARDS), SECOND, waiting) == (), "asking again is no second word"
    (granted,) = ask(policy, grant(CARDS), SECOND, waiting, actor="bob")
    assert granted == e.RoleGranted(user_id="ana", role=Role.VALIDATOR, scope=CARDS, proposed_by="adm")


def test_the_second_administrator_grants_what_was_proposed_and_nothing_wider(policy: Policy) -> None:
    waiting = replace(ANA, proposals=(Proposal(VALIDATOR, "adm", NOON),))
    for other in (grant(), grant(Scope(ScopeKind.BUSINESS_LINE, "Motor")), grant(CARDS, Role.APPROVER)):
        (event,) = ask(policy, other, SECOND, waiting, actor="bob")
        assert isinstance(event, e.RoleProposed)


def test_the_word_of_somebody_who_is_no_administrator_any_more_counts_for_nothing(policy: Policy) -> None:
    waiting = replace(ANA, proposals=(Proposal(VALIDATOR, "gone", NOON),))
    gone = Person("gone", "Gone", (Role.ADMINISTRATOR,), active=False)
    (event,) = ask(policy, grant(CARDS), SECOND, waiting, gone)
    assert isinstance(event, e.RoleProposed)


def test_one_administrator_alone_grants_at_once(policy: Policy) -> None:
    (event,) = ask(policy, grant(CARDS), ANA)
    assert event == e.RoleGranted(user_id="ana", role=Role.VALIDATOR, scope=CARDS)


def test_a_role_for_everything_makes_one_for_less_superfluous() -> None:
    history = told(
        e.PersonAdded(user_id="ana", name="Ana"),
        e.RoleProposed(user_id="ana", role=Role.VALIDATOR, scope=CARDS),
        e.RoleGranted(user_id="ana", role=Role.VALIDATOR, scope=CARDS),
    )
    narrow = fold_person(history)
    assert narrow is not None
    assert (narrow.roles, narrow.grants, narrow.proposals) == ((Role.VALIDATOR,), (VALIDATOR,), ())
    wide = fold_person((*history, *told(e.RoleGranted(user_id="ana", role=Role.VALIDATOR))))
    assert wide is not None
    assert (wide.grants, wide.narrowed) == ((Grant(Role.VALIDATOR),), ())


def test_what_is_held_already_is_not_granted_again(policy: Policy) -> None:
    wide = replace(ANA, roles=(Role.VALIDATOR,))
    assert ask(policy, grant(CARDS), SECOND, wide) == ()
    narrow = replace(wide, narrowed=(VALIDATOR,))
    assert ask(policy, grant(CARDS), SECOND, narrow) == ()
    assert ask(policy, grant(), SECOND, narrow) != ()


def test_a_role_is_taken_back_for_one_scope_or_wherever_it_is_held(policy: Policy) -> None:
    motor = Grant(Role.VALIDATOR, Scope(ScopeKind.BUSINESS_LINE, "Motor"))
    both = replace(ANA, roles=(Role.VALIDATOR,), narrowed=(VALIDATOR, motor))
    asked = c.RevokeRole(user_id="ana", role=Role.VALIDATOR, reason="moved", scope=CARDS)
    (event,) = ask(policy, asked, SECOND, both)
    added = [e.RoleGranted(user_id="ana", role=each.role, scope=each.scope) for each in (VALIDATOR, motor)]
    history = told(e.PersonAdded(user_id="ana", name="Ana"), *added)
    assert isinstance(event, e.RoleRevoked)
    left = fold_person((*history, *told(event)))
    assert left is not None
    assert left.grants == (motor,)
    none = fold_person((*history, *told(e.RoleRevoked(user_id="ana", role=Role.VALIDATOR, reason="left"))))
    assert none is not None
    assert (none.roles, none.narrowed) == ((), ())
    assert ask(policy, replace(asked, scope=Scope(ScopeKind.MODEL, "m")), SECOND, both) == ()


def test_a_proposal_is_taken_back(policy: Policy) -> None:
    waiting = replace(ANA, proposals=(Proposal(VALIDATOR, "adm", NOON),))
    asked = c.RevokeRole(user_id="ana", role=Role.VALIDATOR, reason="a mistake")
    (event,) = ask(policy, asked, SECOND, waiting, actor="bob")
    history = told(e.PersonAdded(user_id="ana", name="Ana"), e.RoleProposed(user_id="ana", role=Role.VALIDATOR))
    assert isinstance(event, e.RoleRevoked)
    left = fold_person((*history, *told(event)))
    assert left is not None
    assert left.proposals == ()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (grant(Scope(ScopeKind.BUSINESS_LINE, " ")), "does not say what the role reaches"),
        (grant(Scope(ScopeKind.EVERYWHERE, "Cards")), "does not say what the role reaches"),
        (grant(CARDS, Role.ADMINISTRATOR), "runs the whole register"),
    ],
)
def test_a_scope_that_means_nothing_is_refused(policy: Policy, asked: c.GrantRole, why: str) -> None:
    with pytest.raises(EvidenceMissing, match=why):
        ask(policy, asked, SECOND, Person("ana", "Ana", ()))


def test_another_administrator_reviews_what_a_person_holds_and_says_why(policy: Policy) -> None:
    narrow = Person("ana", "Ana", (Role.VALIDATOR,), narrowed=(VALIDATOR,))
    (event,) = ask(policy, c.ReviewAccess(user_id="ana", comment=" Still validates cards. "), SECOND, narrow)
    assert event == e.AccessReviewed(user_id="ana", grants=(VALIDATOR,), comment="Still validates cards.")
    seen = fold_person(told(e.PersonAdded(user_id="ana", name="Ana"), event, by="bob"))
    assert seen is not None
    assert seen.review == Review("bob", NOON)
    with pytest.raises(EvidenceMissing, match="says nothing"):
        ask(policy, c.ReviewAccess(user_id="ana", comment=" "), SECOND, narrow)
    with pytest.raises(NotAuthorised, match="hold themselves"):
        ask(policy, c.ReviewAccess(user_id="adm", comment="Mine"), SECOND)
