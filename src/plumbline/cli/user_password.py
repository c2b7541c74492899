"""`plumbline user password` and `plumbline user reset`: one's own password, and a new initial one for somebody else."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from plumbline.cli.person import named, new_password_of, password_of, signed_in
from plumbline.cli.secret import secret
from plumbline.domain.errors import NotFound
from plumbline.services import identity, passwords
from plumbline.services.context import Context
from plumbline.workflow import commands as c

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def configure(verbs: Verbs, shared: argparse.ArgumentParser) -> None:
    verbs.add_parser("password", parents=[shared], help="change your own; a script sets PLUMBLINE_NEW_PASSWORD")
    reset = verbs.add_parser("reset", parents=[shared], help="a new initial password for somebody, shown once")
    reset.add_argument("user")
    reset.add_argument("--reason", required=True)


def change(ctx: Context, _: argparse.Namespace) -> dict[str, object]:
    user_id = named()
    passwords.change(ctx, user_id, password_of(user_id), new_password_of(user_id))
    return {"user": user_id, "did": "changed the password; every browser is signed out, tokens stay as they are"}


def reset(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    actor = signed_in(ctx, c.ResetPassword)
    person = next((each for each in identity.people(ctx) if each.user_id == args.user), None)
    if person is None:
        raise NotFound(f"There is no account '{args.user}'", remedy="Look it up (plumbline user list).")
    hashed, shown = initial(ctx, person.user_id, person.name)
    passwords.reset(ctx, actor, person.user_id, hashed, args.reason)
    return {"user": person.user_id, "did": "reset the password; every browser is signed out", **shown}


def initial(ctx: Context, user_id: str, name: str) -> tuple[str, dict[str, object]]:
    """The hash of a password that opens nothing but the choice of another; itself too, unless it was given."""
    given = secret("PLUMBLINE_NEW_PASSWORD")
    if given is not None:
        return passwords.hashed(ctx, given, user_id=user_id, name=name), {}
    made = passwords.initial()
    return identity.hash_password(made), {"password": made}
