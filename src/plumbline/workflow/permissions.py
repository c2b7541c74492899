"""Who may ask for what at all, by role: the one table; duties between people are in `guards`."""

from __future__ import annotations

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.models import ModelEntry
from plumbline.domain.people import Actor, Person, Role
from plumbline.workflow import commands as c

WORKSHOP = frozenset({Role.MODEL_OWNER, Role.DEVELOPER})
SECOND_LINE = frozenset({Role.VALIDATOR, Role.MODEL_RISK_OFFICER})
SEATS = frozenset({Role.MODEL_RISK_OFFICER, Role.APPROVER, Role.EXECUTIVE})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

PERMITTED: dict[type[c.Command], frozenset[Role]] = {
    c.RegisterModel: WORKSHOP | {Role.MODEL_RISK_OFFICER},
    c.RegisterVersion: WORKSHOP,
    c.RegisterUse: WORKSHOP | {Role.MODEL_RISK_OFFICER},
    c.SubmitForValidation: WORKSHOP,
    c.RaiseFinding: SECOND_LINE,
    c.RemediateFinding: WORKSHOP | SECOND_LINE,
    c.CloseFinding: frozenset({Role.VALIDATOR}),
    c.SignValidationReport: frozenset({Role.VALIDATOR}),
    c.CastVote: SEATS,
    c.RefreshEvidence: WORKSHOP | SECOND_LINE,
    c.VerifyCondition: frozenset({Role.VALIDATOR}),
    c.MoveVersion: WORKSHOP | SECOND_LINE | {Role.DEPLOYER, Role.EXECUTIVE},
    c.RecordMonitoring: WORKSHOP | SECOND_LINE | {Role.DEPLOYER},
    c.RecordExplanation: WORKSHOP | SECOND_LINE,
    c.RecordSegmentDrift: WORKSHOP | SECOND_LINE | {Role.DEPLOYER},
    c.RecordSelfTest: WORKSHOP | SECOND_LINE,
    c.AddPerson: ADMINISTRATORS,
    c.ChangePassword: frozenset(Role),
    c.ResetPassword: ADMINISTRATORS,
    c.GrantRole: ADMINISTRATORS,
    c.RevokeRole: ADMINISTRATORS,
    c.ReviewAccess: ADMINISTRATORS,
    c.DisablePerson: ADMINISTRATORS,
    c.IssueToken: frozenset(Role),
    c.RevokeToken: frozenset(Role),
}

# These roles read or run the place; they hold no part in a model, whatever else the person is.
NEVER_SIGN = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

# The duty that is named to whoever has still to choose a password of their own.
INITIAL_PASSWORD = "initial password"  # noqa: S105 - no password, but a name


def may(actor: Actor, command: type[c.Command]) -> bool:
    """Whether the acting role may ask for this at all."""
    return actor.may_act_in(actor.acting_role) and actor.acting_role in PERMITTED[command]


def check_role(actor: Actor, command: type[c.Command]) -> None:
    """NotAuthorised unless the role the person acts in may ask for this."""
    if not actor.may_act_in(actor.acting_role):
        raise NotAuthorised(
            f"{actor.name} does not hold the role {actor.acting_role.label}",
            duty="role",
            remedy="Choose a role you hold.",
        )
    if not may(actor, command):
        raise NotAuthorised(
            f"The role {actor.acting_role.label} may not {_words(command)}",
            duty="role",
            remedy=f"It takes {' or '.join(sorted(role.label for role in PERMITTED[command]))}.",
        )


def check_reach(actor: Actor, *entries: ModelEntry | None) -> None:
    """NotAuthorised where the acting role is held for other models alone."""
    for entry in entries:
        if entry is not None and not actor.reaches(entry):
            raise NotAuthorised(
                actor.narrowness,
                duty="scope",
                where=f"{entry.id} ({entry.business_line}, {entry.legal_entity})",
                remedy="Ask somebody whose role reaches this model, or have two administrators grant it.",
            )


def check_own_password(person: Person) -> None:
    """NotAuthorised while somebody else knows the person's password, having chosen it for them."""
    if person.initial_password:
        raise NotAuthorised(
            f"{person.name} still has the password that somebody else chose",
            duty=INITIAL_PASSWORD,
            remedy="Choose one of your own first: on the sign-in page, or by plumbline user password.",
        )


def check_scope(actor: Actor, subject: str) -> None:
    """NotAuthorised where a token speaks for some models alone, and this is about none of them."""
    if actor.models and subject not in actor.models:
        raise NotAuthorised(
            f"This token reaches {', '.join(actor.models)} alone",
            duty="scope",
            remedy=f"Use one that reaches {subject}, or make it: plumbline user token.",
        )


def _words(command: type[c.Command]) -> str:
    name = command.__name__
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
