"""`plumbline user`: accounts, roles and tokens."""

from __future__ import annotations

import argparse
import json

from plumbline.cli import user_password, user_token
from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.domain.people import Role
from plumbline.services import identity
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.workflow import commands as c


def configure(parser: argparse.ArgumentParser) -> None:
    # What every verb takes may stand after the action too; suppressed, so that it does not undo what stood before.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--json", action="store_true")
    shared.add_argument("--store", metavar="PATH")
    verbs = parser.add_subparsers(dest="action", required=True)
    roles = [role.value for role in Role]
    add = verbs.add_parser("add", parents=[shared], help="a new account; its password is shown once")
    add.add_argument("user")
    add.add_argument("--name", required=True, help="full name, as signatures print it")
    add.add_argument("--role", action="append", default=[], choices=roles, help="may be given several times")
    add.add_argument("--manager", default="", help="line manager's account")
    add.add_argument("--no-password", action="store_true", help="signs in by the house's single sign-on alone")
    role = verbs.add_parser("role", parents=[shared], help="give a role, or take it back with --revoke REASON")
    role.add_argument("user")
    role.add_argument("role", choices=roles)
    role.add_argument("--revoke", metavar="REASON")
    disable = verbs.add_parser("disable", parents=[shared], help="close an account; what it signed stays signed")
    disable.add_argument("user")
    disable.add_argument("--reason", required=True)
    verbs.add_parser("list", parents=[shared], help="everyone in the register")
    user_password.configure(verbs, shared)
    token = verbs.add_parser("token", help="what your scripts hold instead of a password")
    user_token.configure(token, shared)


def run(args: argparse.Namespace) -> int:
    if args.action == "token":
        return user_token.run(args)
    with opened(args) as ctx:
        answer = DEEDS[args.action](ctx, args)
    print(json.dumps(answer) if args.json else _sentence(answer))
    return 0


def _add(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    actor = signed_in(ctx, c.AddPerson)
    hashed, shown = ("", {}) if args.no_password else user_password.initial(ctx, args.user, args.name)
    added = c.AddPerson(user_id=args.user, name=args.name, password_hash=hashed, line_manager=args.manager)
    granted = [c.GrantRole(user_id=args.user, role=Role(role)) for role in args.role]
    handle_together(ctx, [added, *granted], actor)
    return {"user": args.user, "did": f"added {args.name} ({', '.join(args.role) or 'no role yet'})", **shown}


def _role(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    actor = signed_in(ctx, c.GrantRole)
    role = Role(args.role)
    command = (
        c.GrantRole(user_id=args.user, role=role)
        if args.revoke is None
        else c.RevokeRole(user_id=args.user, role=role, reason=args.revoke)
    )
    done = handle(ctx, command, actor)
    verb = "granted" if args.revoke is None else "revoked"
    return {"user": args.user, "did": f"{verb} {role.label}" if done else "nothing: that is so already"}


def _disable(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    done = handle(ctx, c.DisablePerson(user_id=args.user, reason=args.reason), signed_in(ctx, c.DisablePerson))
    return {"user": args.user, "did": "disabled the account" if done else "nothing: it is disabled already"}


def _list(ctx: Context, _: argparse.Namespace) -> dict[str, object]:
    signed_in(ctx)
    return {
        "people": [
            {"user": p.user_id, "name": p.name, "roles": [role.value for role in p.roles], "active": p.active}
            for p in identity.people(ctx)
        ]
    }


DEEDS = {
    "add": _add,
    "role": _role,
    "disable": _disable,
    "list": _list,
    "password": user_password.change,
    "reset": user_password.reset,
}


def _sentence(answer: dict[str, object]) -> str:
    people = answer.get("people")
    if isinstance(people, list):
        return "\n".join(
            f"{p['user']:<20} {p['name']:<28} {', '.join(p['roles'])}{'' if p['active'] else ' (disabled)'}"
            for p in people
        )
    password = ""
    if "password" in answer:
        password = f"\nPassword, shown once: {answer['password']}\nIt opens nothing but the choice of another."
    return f"{answer['user']}: {answer['did']}.{password}"
