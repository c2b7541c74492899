"""`plumbline user`: accounts, roles and tokens."""

from __future__ import annotations

import argparse
import json

from plumbline.cli import user_password, user_role, user_token
from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.domain.people import Grant, Role
from plumbline.services.context import Context
from plumbline.services.governance import handle, handle_together
from plumbline.workflow import commands as c


def configure(parser: argparse.ArgumentParser) -> None:
    # What every verb takes may stand after the action too; suppressed, so that it does not undo what stood before.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--json", action="store_true")
    shared.add_argument("--store", metavar="PATH")
    verbs = parser.add_subparsers(dest="action", required=True)
    add = verbs.add_parser("add", parents=[shared], help="a new account; its password is shown once")
    add.add_argument("user")
    add.add_argument("--name", required=True, help="full name, as signatures print it")
    add.add_argument("--role", action="append", default=[], choices=user_role.ROLES, help="may be given several times")
    user_role.takes_scope(add)
    add.add_argument("--manager", default="", help="line manager's account")
    add.add_argument("--no-password", action="store_true", help="signs in by the house's single sign-on alone")
    user_role.configure(verbs, shared)
    disable = verbs.add_parser("disable", parents=[shared], help="close an account; what it signed stays signed")
    disable.add_argument("user")
    disable.add_argument("--reason", required=True)
    user_password.configure(verbs, shared)
    token = verbs.add_parser("token", help="what your scripts hold instead of a password")
    user_token.configure(token, shared)


def run(args: argparse.Namespace) -> int:
    if args.action == "token":
        return user_token.run(args)
    with opened(args) as ctx:
        answer = ACTIONS[args.action](ctx, args)
    print(json.dumps(answer) if args.json else _sentence(answer))
    return 0


def _add(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    actor = signed_in(ctx, c.AddPerson)
    hashed, shown = ("", {}) if args.no_password else user_password.initial(ctx, args.user, args.name)
    added = c.AddPerson(user_id=args.user, name=args.name, password_hash=hashed, line_manager=args.manager)
    scope = user_role.scope_of(args.scope)
    asked = [Grant(Role(role), scope) for role in args.role]
    granted = [c.GrantRole(user_id=args.user, role=grant.role, scope=grant.scope) for grant in asked]
    done = handle_together(ctx, [added, *granted], actor)
    roles = "; ".join(user_role.granted(ctx, args.user, grant, done) for grant in asked) or "no role yet"
    return {"user": args.user, "did": f"added {args.name}; {roles}", **shown}


def _disable(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    done = handle(ctx, c.DisablePerson(user_id=args.user, reason=args.reason), signed_in(ctx, c.DisablePerson))
    return {"user": args.user, "did": "disabled the account" if done else "nothing: it is disabled already"}


def _sentence(answer: dict[str, object]) -> str:
    people = answer.get("people")
    if isinstance(people, list):
        return user_role.lines(people)
    password = ""
    if "password" in answer:
        password = f"\nPassword, shown once: {answer['password']}\nIt opens nothing but the choice of another."
    return f"{answer['user']}: {answer['did']}.{password}"


ACTIONS = {
    "add": _add,
    "role": user_role.change,
    "disable": _disable,
    "review": user_role.review,
    "list": user_role.everyone,
    "password": user_password.change,
    "reset": user_password.reset,
}
