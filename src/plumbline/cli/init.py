"""`plumbline init`: the store and its first administrators."""

from __future__ import annotations

import argparse
import json

from plumbline.cli.opening import opened, store_path
from plumbline.domain.errors import StoreUnavailable
from plumbline.domain.people import Role
from plumbline.services import identity, integrity, passwords
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

NAMES = (("admin.one", "First administrator"), ("admin.two", "Second administrator"))


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--single", action="store_true", help="one administrator only; duties are then not separated")


def run(args: argparse.Namespace) -> int:
    with opened(args, create=True) as ctx:
        if identity.people(ctx):
            raise StoreUnavailable(
                "The store has accounts already",
                where=str(store_path(args)),
                remedy="Add people with plumbline user add.",
            )
        made = make_administrators(ctx, NAMES[:1] if args.single else NAMES)
        integrity.anchor(ctx, "init")
    _tell(args, made)
    return 0


def make_administrators(ctx: Context, names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """All of them in one transaction; their passwords, to be shown once and kept nowhere."""
    made = {user_id: passwords.initial() for user_id, _ in names}
    added = [
        c.AddPerson(user_id=user_id, name=name, password_hash=identity.hash_password(made[user_id]))
        for user_id, name in names
    ]
    granted = [c.GrantRole(user_id=user_id, role=Role.ADMINISTRATOR) for user_id, _ in names]
    handle_together(ctx, [*added, *granted], SYSTEM)
    return made


def _tell(args: argparse.Namespace, made: dict[str, str]) -> None:
    if args.json:
        print(json.dumps({"store": str(store_path(args)), "administrators": made, "duties_separated": len(made) > 1}))
        return
    print(f"The store is {store_path(args)}. These passwords are shown once:")
    for user_id, password in made.items():
        print(f"  {user_id}  {password}")
    print("Each opens nothing but the choice of another: plumbline user password, or at the first sign-in.")
    if len(made) == 1:
        print("With one administrator duties are not separated; every page and export says so.")
