"""The person behind a verb: PLUMBLINE_USER with a password, as in the app, or a token of theirs."""

from __future__ import annotations

import os
import sys
from getpass import getpass

from plumbline.cli.secret import secret
from plumbline.domain.errors import NotAuthorised, WeakPassword
from plumbline.domain.people import Actor, Authentication
from plumbline.services import identity, tokens
from plumbline.services.context import Context
from plumbline.workflow.commands import Command


def signed_in(ctx: Context, command: type[Command] | None = None) -> Actor:
    """Who runs this verb, acting in a role that may ask for the command; NotAuthorised without a valid account.

    With PLUMBLINE_TOKEN in the token's own role, whatever others the person holds.
    """
    if token := secret("PLUMBLINE_TOKEN"):
        return tokens.bearer(ctx, token)[0]
    user_id = named()
    actor = identity.sign_in(ctx, user_id, password_of(user_id), zone=os.environ.get("TZ") or "UTC")
    return identity.acting_for(actor, command) if command else actor


def proven(ctx: Context) -> tuple[Actor, Authentication]:
    """The person, and proof that it is they who run this verb: a password, for which no token will do."""
    user_id = named()
    password = password_of(user_id)
    actor = identity.sign_in(ctx, user_id, password, zone=os.environ.get("TZ") or "UTC")
    return actor, identity.reauthenticate(ctx, actor, password)


def named() -> str:
    """The account in PLUMBLINE_USER."""
    user_id = os.environ.get("PLUMBLINE_USER", "")
    if not user_id:
        raise NotAuthorised(
            "Nobody is named",
            duty="authentication",
            remedy="Set PLUMBLINE_USER to your account's name, or PLUMBLINE_TOKEN to a token of yours.",
        )
    return user_id


def password_of(user_id: str) -> str:
    """Asked for on a terminal; a script gives it in PLUMBLINE_PASSWORD, or in the file of PLUMBLINE_PASSWORD_FILE."""
    given = secret("PLUMBLINE_PASSWORD")
    return _asked(f"Password of {user_id}: ", "PLUMBLINE_PASSWORD") if given is None else given


def new_password_of(user_id: str) -> str:
    """Asked for twice on a terminal; a script gives it in PLUMBLINE_NEW_PASSWORD, or in the file of that name."""
    given = secret("PLUMBLINE_NEW_PASSWORD")
    if given is not None:
        return given
    new = _asked(f"New password of {user_id}: ", "PLUMBLINE_NEW_PASSWORD")
    if _asked("Again: ", "PLUMBLINE_NEW_PASSWORD") != new:
        raise WeakPassword("You entered two different passwords", remedy="Enter the same one twice.")
    return new


def _asked(words: str, setting: str) -> str:
    if not sys.stdin.isatty():
        raise NotAuthorised(
            "There is no terminal to ask for the password on",
            duty="authentication",
            remedy=f"Set {setting} or {setting}_FILE for a script.",
        )
    return getpass(words)
