"""The person behind a verb: PLUMBLINE_USER with a password, as in the app."""

from __future__ import annotations

import os
import sys
from getpass import getpass

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor
from plumbline.services import identity
from plumbline.services.context import Context
from plumbline.workflow.commands import Command


def signed_in(ctx: Context, command: type[Command] | None = None) -> Actor:
    """Who runs this verb, acting in a role that may ask for the command; NotAuthorised without a valid account."""
    user_id = os.environ.get("PLUMBLINE_USER", "")
    if not user_id:
        raise NotAuthorised(
            "Nobody is named", duty="authentication", remedy="Set PLUMBLINE_USER to your account's name."
        )
    actor = identity.sign_in(ctx, user_id, password_of(user_id), zone=os.environ.get("TZ") or "UTC")
    return identity.acting_for(actor, command) if command else actor


def password_of(user_id: str) -> str:
    """Asked for on a terminal; a script gives it in PLUMBLINE_PASSWORD."""
    given = os.environ.get("PLUMBLINE_PASSWORD")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise NotAuthorised(
            "There is no terminal to ask for the password on",
            duty="authentication",
            remedy="Set PLUMBLINE_PASSWORD for a script.",
        )
    return getpass(f"Password of {user_id}: ")
