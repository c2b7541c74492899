"""Who is at the keyboard: local accounts, signing in, proving it again at a signature, and the last visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor, Authentication, Person, Role
from plumbline.services import access
from plumbline.services.context import Context
from plumbline.store import people as accounts
from plumbline.store.database import Cursor
from plumbline.workflow.commands import Command
from plumbline.workflow.permissions import PERMITTED, check_own_password

SIGNED_IN, FAILED, REAUTHENTICATED = "signed_in", "sign_in_failed", "reauthenticated"
NOT_LET_IN = "initial_password"  # by the right password, which opens nothing until another is chosen

# Which role a person with several starts in: the one with most waiting for it.
FIRST_ROLE = (
    *(Role.EXECUTIVE, Role.MODEL_RISK_OFFICER, Role.VALIDATOR, Role.MODEL_OWNER, Role.DEVELOPER),
    *(Role.APPROVER, Role.DEPLOYER, Role.AUDITOR, Role.ADMINISTRATOR),
)

# OWASP's setting for argon2id (19 MiB, two passes, one lane): the library's own takes six times the processor's time,
# at every call of the command line. A hash made with another keeps its own.
_HASHER = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
# Checked when the account is unknown, so that the answer takes as long as for a known one.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Mw65PApCItMB9YiH2OEQcw$tk/hwWnI78ELprK0arsu2al0xs+D44d1GR7iNwExBF8"
# Characters: whoever sends more is not typing a password, and is not given the processor's time for it.
LONGEST_PASSWORD = 1_000


def hash_password(password: str) -> str:
    """The argon2id hash of any password; whether it may be chosen is asked in `passwords`."""
    return _HASHER.hash(password)


def people(ctx: Context) -> tuple[Person, ...]:
    """The people register, disabled accounts included."""
    with ctx.store.read() as cursor:
        return accounts.people(cursor)


def sign_in(ctx: Context, user_id: str, password: str, *, zone: str = "UTC") -> Actor:
    """The person, acting in their first role; NotAuthorised for a wrong name or password, or after too many tries.

    Both success and failure are in the access log. NotAuthorised with the duty INITIAL_PASSWORD for a person who has
    still to choose a password of their own.
    """
    person = _prove(ctx, user_id, password)
    actor = _acting(person, zone)
    try:
        check_own_password(person)
    except NotAuthorised:
        _log(ctx, person.user_id, actor.acting_role.value, NOT_LET_IN)
        raise
    _log(ctx, person.user_id, actor.acting_role.value, SIGNED_IN)
    return actor


def proven(ctx: Context, user_id: str, password: str, *, zone: str = "UTC") -> tuple[Actor, Authentication]:
    """The person whose password this is, and proof of it; also of one who is let in nowhere with it."""
    actor = _acting(_prove(ctx, user_id, password), zone)
    _log(ctx, actor.user_id, actor.acting_role.value, REAUTHENTICATED)
    return actor, Authentication(actor.user_id, "password", ctx.clock())


def _acting(person: Person, zone: str) -> Actor:
    if not person.roles:
        raise NotAuthorised(f"{person.name} holds no role yet", duty="role", remedy="Ask an administrator for one.")
    return person.acting_as(first_role(person), zone)


def first_role(person: Person) -> Role:
    """Of a person with at least one, the role with most waiting for it."""
    return next(role for role in FIRST_ROLE if role in person.roles)


def reauthenticate(ctx: Context, actor: Actor, password: str) -> Authentication:
    """Proof for a signature that it is still the same person at the keyboard."""
    _prove(ctx, actor.user_id, password)
    _log(ctx, actor.user_id, actor.acting_role.value, REAUTHENTICATED)
    return Authentication(actor.user_id, "password", ctx.clock())


def acting_as(actor: Actor, role: Role) -> Actor:
    """The same person in another of their roles."""
    if role not in actor.roles:
        raise NotAuthorised(f"{actor.name} does not hold the role {role.label}", duty="role")
    return replace(actor, acting_role=role)


def acting_for(actor: Actor, command: type[Command]) -> Actor:
    """The same person in the first role that may ask for this; unchanged if none may, so that the refusal says why."""
    fitting = [role for role in FIRST_ROLE if role in actor.roles and role in PERMITTED[command]]
    return replace(actor, acting_role=fitting[0]) if fitting else actor


def last_visit(ctx: Context, user_id: str) -> datetime | None:
    """The sign-in before the present one."""
    with ctx.store.read() as cursor:
        visits = accounts.accesses(cursor, user_id, SIGNED_IN, 2)
    return visits[1] if len(visits) > 1 else None


def _prove(ctx: Context, user_id: str, password: str) -> Person:
    with ctx.store.read() as cursor:
        found = accounts.person(cursor, user_id)
        person = found if found and found.active else None
        known = accounts.password_hash(cursor, user_id) if person else None
        wait = _wait(cursor, ctx, user_id)
    if wait > timedelta(0):
        raise NotAuthorised(
            "Too many wrong passwords",
            duty="authentication",
            remedy=f"Try again in {int(wait.total_seconds()) + 1} seconds.",
        )
    if person is None or not _matches(known or _NOBODY, password):
        _log(ctx, user_id[:80], "", FAILED)
        raise NotAuthorised("The name or the password is wrong", duty="authentication", remedy="Try again.")
    return person


def _wait(cursor: Cursor, ctx: Context, user_id: str) -> timedelta:
    rules, failures = ctx.policy.access, accounts.failures_in_a_row(cursor, user_id, FAILED)
    beyond = len(failures) - rules.free_tries
    if beyond < 0:
        return timedelta(0)
    wait: timedelta = min(rules.first_wait * 2 ** min(beyond, 20), rules.longest_wait)
    return failures[0] + wait - ctx.clock()


def _matches(known: str, password: str) -> bool:
    try:
        return len(password) <= LONGEST_PASSWORD and _HASHER.verify(known, password)
    except (Argon2Error, InvalidHashError):
        return False


def _log(ctx: Context, user_id: str, acting_role: str, action: str) -> None:
    with ctx.store.transaction() as cursor:
        enter(cursor, ctx, user_id, acting_role, action)


def enter(cursor: Cursor, ctx: Context, user_id: str, acting_role: str, action: str) -> None:
    """A line of the access log about a person, in the transaction of the cursor."""
    access.enter(cursor, ctx, user_id, acting_role, action, about=("person", user_id))
