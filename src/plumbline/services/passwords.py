"""Passwords: what one must be to be chosen, at whichever door; changed by its person, reset by an administrator."""

from __future__ import annotations

import re
import secrets
from functools import partial
from threading import Lock

from plumbline.domain.errors import WeakPassword
from plumbline.domain.people import Actor
from plumbline.policy.access import Access
from plumbline.services import governance, identity
from plumbline.services.context import Context
from plumbline.services.identity import LONGEST_PASSWORD
from plumbline.store import sessions
from plumbline.store.database import Cursor
from plumbline.workflow import commands as c

EXAMINED = 72  # characters: the estimate takes time by the square of them, and nobody guesses what differs later
OWN = 8  # letters and digits that are not one's name: what a password alone is asked for where there is a second proof
# The estimator keeps the words that are somebody's own in a place that all threads share.
_ESTIMATING = Lock()


def hashed(ctx: Context, password: str, *, user_id: str, name: str) -> str:
    """The argon2id hash of a password that will do for this person.

    Raises:
        WeakPassword: it is too short, too long, too easy to guess, or little but the person's own name.
    """
    check(ctx.policy.access, password, own_words(user_id, name))
    return identity.hash_password(password)


def initial() -> str:
    """One that nobody chose, to be shown once."""
    return secrets.token_urlsafe(12)


def change(ctx: Context, user_id: str, present: str, new: str, *, zone: str = "UTC") -> Actor:
    """From now on the person has this password, and is signed in nowhere; tokens of theirs stay as they are.

    Raises:
        NotAuthorised: the present one is wrong, or was tried too often. WeakPassword: the new one will not do.
    """
    actor, proof = identity.proven(ctx, user_id, present, zone=zone)
    if new == present:
        raise WeakPassword("The new password is the present one", remedy="Choose another.")
    chosen = hashed(ctx, new, user_id=user_id, name=actor.name)
    command = c.ChangePassword(user_id=user_id, password_hash=chosen)
    governance.handle(ctx, command, actor, authentication=proof, after=partial(_signed_out, user_id))
    return actor


def reset(ctx: Context, actor: Actor, user_id: str, password_hash: str, reason: str) -> None:
    """The person is signed in nowhere, and with this password can do nothing but choose another."""
    command = c.ResetPassword(user_id=user_id, password_hash=password_hash, reason=reason)
    governance.handle(ctx, command, actor, after=partial(_signed_out, user_id))


def _signed_out(user_id: str, cursor: Cursor, _: object) -> None:
    sessions.remove_of_person(cursor, user_id)


def own_words(user_id: str, name: str) -> tuple[str, ...]:
    """What whoever knows the person tries first, longest first.

    >>> own_words("kim.lee", "Kim Lee-Ortega")
    ('plumbline', 'kim.lee', 'ortega', 'kim', 'lee')
    """
    words = {"plumbline", user_id.lower(), *re.findall(r"\w{3,}", f"{user_id} {name}".lower())}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def check(rules: Access, password: str, own: tuple[str, ...]) -> None:
    """WeakPassword unless the access policy lets a person with these words of their own choose it."""
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(
            f"The password has more than {LONGEST_PASSWORD:,} characters", remedy="Choose a shorter one."
        )
    if len(password) < rules.least_length:
        raise WeakPassword(
            f"The password has {len(password)} characters, and {rules.least_length} are the least",
            remedy="A few words in a row that belong to nothing are long and easy to keep in mind.",
        )
    left = re.sub("|".join(map(re.escape, own)), "", password.lower())
    if len(re.findall(r"\w", left)) < OWN:
        raise WeakPassword(
            "The password is little more than your own name or this product's",
            remedy="Choose words that have nothing to do with you or your work.",
        )
    _check_strength(rules, password[:EXAMINED], own)


def _check_strength(rules: Access, password: str, own: tuple[str, ...]) -> None:
    # A tenth of a second to import, and only whoever chooses a password needs it.
    from zxcvbn import zxcvbn

    with _ESTIMATING:
        found = zxcvbn(password, user_inputs=own)
    if found["score"] < rules.least_strength:
        told = (found["feedback"]["warning"], *found["feedback"]["suggestions"])
        advice = " ".join(sentence for sentence in told if sentence)
        raise WeakPassword(
            "The password is too easy to guess", remedy=advice or "Add another word or two that are not often heard."
        )
