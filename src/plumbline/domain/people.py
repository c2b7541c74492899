"""People, the roles they hold, and the one role they act in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Roles of the people register; seats of a case are `Seat`."""

    MODEL_OWNER = "model_owner"
    DEVELOPER = "developer"
    VALIDATOR = "validator"
    MODEL_RISK_OFFICER = "model_risk_officer"
    APPROVER = "approver"
    DEPLOYER = "deployer"
    EXECUTIVE = "executive"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """
        >>> Role.MODEL_RISK_OFFICER.label
        'Risk officer'
        """
        return "Risk officer" if self is Role.MODEL_RISK_OFFICER else self.replace("_", " ").capitalize()


class Seat(StrEnum):
    """A chair at the table of a case; the policy says which a tier must fill."""

    MODEL_RISK_OFFICER = "model_risk_officer"
    ACCOUNTABLE_EXECUTIVE = "accountable_executive"
    INDEPENDENT_MEMBER = "independent_member"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Person:
    """An entry of the people register; `name` is what signatures print.

    `initial_password` while the only password is one that somebody else chose: it opens the choice of another alone.
    """

    user_id: str
    name: str
    roles: tuple[Role, ...]
    line_manager: str | None = None
    active: bool = True
    origin: str = "user"
    initial_password: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated person in the role chosen for this act; `zone` is an IANA name.

    `models` are those that a token lets its script ask about; empty: whatever the role may reach. `offered` are the
    roles that the groups of the house's own sign-in let the person act in; None where no provider was asked.
    """

    user_id: str
    name: str
    acting_role: Role
    roles: tuple[Role, ...]
    zone: str = "UTC"
    models: tuple[str, ...] = ()
    offered: tuple[Role, ...] | None = None

    def may_act_in(self, role: Role) -> bool:
        """Whether the person holds the role, and nothing keeps them from it at present."""
        return role in self.roles and (self.offered is None or role in self.offered)


@dataclass(frozen=True, slots=True)
class Authentication:
    """Proof that the person at the keyboard is the actor; signing wants one that is under five minutes old."""

    user_id: str
    method: str
    at: datetime
