"""People, the roles they hold, and the one role they act in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plumbline.domain.models import ModelEntry


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


class ScopeKind(StrEnum):
    """What a role can be held for."""

    EVERYWHERE = "everywhere"
    LEGAL_ENTITY = "legal_entity"
    BUSINESS_LINE = "business_line"
    MODEL = "model"

    @property
    def label(self) -> str:
        return self.replace("_", " ")


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Which models a role reaches: all, those of a legal entity or a business line, or a single one."""

    kind: ScopeKind = ScopeKind.EVERYWHERE
    value: str = ""

    def covers(self, entry: ModelEntry) -> bool:
        of_model = {
            ScopeKind.EVERYWHERE: "",
            ScopeKind.LEGAL_ENTITY: entry.legal_entity,
            ScopeKind.BUSINESS_LINE: entry.business_line,
            ScopeKind.MODEL: entry.id,
        }
        return of_model[self.kind] == self.value

    @property
    def label(self) -> str:
        """
        >>> Scope().label, Scope(ScopeKind.BUSINESS_LINE, "Cards").label
        ('everywhere', 'business line Cards')
        """
        return f"{self.kind.label} {self.value}".strip()


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role, and what it reaches."""

    role: Role
    scope: Scope = EVERYWHERE

    @property
    def label(self) -> str:
        """
        >>> Grant(Role.VALIDATOR).label, Grant(Role.VALIDATOR, Scope(ScopeKind.MODEL, "sme-pd")).label
        ('Validator', 'Validator (model sme-pd)')
        """
        return self.role.label if self.scope == EVERYWHERE else f"{self.role.label} ({self.scope.label})"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grant that one administrator has asked for, and that waits for another."""

    grant: Grant
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """An administrator's word that a person still needs what they hold."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """An entry of the people register; `name` is what signatures print.

    `narrowed` says what those roles reach that do not reach everything. `initial_password` while the only password is
    one that somebody else chose: it opens the choice of another alone.
    """

    user_id: str
    name: str
    roles: tuple[Role, ...]
    line_manager: str | None = None
    active: bool = True
    origin: str = "user"
    initial_password: bool = False
    narrowed: tuple[Grant, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    review: Review | None = None

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Every role with each scope that it is held for."""
        whole = (Grant(role) for role in self.roles if role not in {grant.role for grant in self.narrowed})
        return tuple(sorted({*whole, *self.narrowed}))

    def acting_as(
        self,
        role: Role,
        zone: str = "UTC",
        models: tuple[str, ...] = (),
        offered: tuple[Role, ...] | None = None,
    ) -> Actor:
        """The person, authenticated, in one of their roles."""
        return Actor(self.user_id, self.name, role, self.roles, zone, models, self.narrowed, offered)


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated person in the role chosen for this act; `zone` is an IANA name.

    `models` are those that a token lets its script ask about; empty: whatever the role may reach. `narrowed` says what
    those roles reach that do not reach everything. `offered` are the roles that the groups of the house's own sign-in
    let the person act in; None where no provider was asked.
    """

    user_id: str
    name: str
    acting_role: Role
    roles: tuple[Role, ...]
    zone: str = "UTC"
    models: tuple[str, ...] = ()
    narrowed: tuple[Grant, ...] = ()
    offered: tuple[Role, ...] | None = None

    def may_act_in(self, role: Role) -> bool:
        """Whether the person holds the role, and nothing keeps them from it at present."""
        return role in self.roles and (self.offered is None or role in self.offered)

    def reach(self, role: Role | None = None) -> tuple[Scope, ...]:
        """The scopes of a role, of the acting one if none is named; none: it reaches everything."""
        return tuple(grant.scope for grant in self.narrowed if grant.role is (role or self.acting_role))

    @property
    def narrowness(self) -> str:
        """What a refusal says of a person whose acting role reaches some models alone.

        >>> cards = Grant(Role.VALIDATOR, Scope(ScopeKind.BUSINESS_LINE, "Cards"))
        >>> Actor("bo", "Bo Lund", Role.VALIDATOR, (Role.VALIDATOR,), narrowed=(cards,)).narrowness
        'Bo Lund is validator for business line Cards alone'
        """
        held = " and ".join(scope.label for scope in self.reach())
        return f"{self.name} is {self.acting_role.label.lower()} for {held} alone"

    def reaches(self, entry: ModelEntry, role: Role | None = None) -> bool:
        """Whether a role, the acting one if none is named, reaches the model."""
        scopes = self.reach(role)
        return not scopes or any(scope.covers(entry) for scope in scopes)


@dataclass(frozen=True, slots=True)
class Authentication:
    """Proof that the person at the keyboard is the actor; signing wants one that is under five minutes old."""

    user_id: str
    method: str
    at: datetime
