"""`plumbline user token`: tokens of one's own, in one role, for some models or all, until a day."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from plumbline.cli.opening import opened
from plumbline.cli.person import proven, signed_in
from plumbline.domain.people import Role
from plumbline.domain.tokens import Token
from plumbline.services import tokens
from plumbline.services.context import Context
from plumbline.workflow import commands as c


def configure(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="deed", required=True)
    new = verbs.add_parser("new", parents=[shared], help="a new token; its secret is shown once")
    new.add_argument("label", help="what it is for")
    new.add_argument("--role", required=True, choices=[role.value for role in Role], help="one that you hold")
    new.add_argument("--days", type=int, default=90, help="how long it lasts; 90 by default")
    new.add_argument("--model", action="append", default=[], metavar="ID", help="reaches this model alone; may repeat")
    verbs.add_parser("list", parents=[shared], help="your tokens, and when each was last used")
    revoke = verbs.add_parser("revoke", parents=[shared], help="a token opens nothing from now on")
    revoke.add_argument("token", metavar="ID")
    revoke.add_argument("--reason", required=True)
    revoke.add_argument("--user", default="", help="whose it is, where an administrator revokes it")


def run(args: argparse.Namespace) -> int:
    with opened(args) as ctx:
        answer, words = {"new": _new, "list": _list, "revoke": _revoke}[args.deed](ctx, args)
    print(json.dumps(answer) if args.json else words)
    return 0


def _new(ctx: Context, args: argparse.Namespace) -> tuple[dict[str, object], str]:
    actor, proof = proven(ctx)
    token, secret = tokens.issue(
        ctx, actor, proof, label=args.label, role=Role(args.role), days=args.days, models=tuple(args.model)
    )
    words = f"{_line(ctx, token, None)}\nSecret, shown once: {secret}\nA script sets PLUMBLINE_TOKEN to it."
    return {**_plain(token, None), "secret": secret}, words


def _list(ctx: Context, _: argparse.Namespace) -> tuple[dict[str, object], str]:
    found = tokens.of_person(ctx, signed_in(ctx).user_id)
    lines = [_line(ctx, token, used) for token, used in found]
    return {"tokens": [_plain(token, used) for token, used in found]}, "\n".join(lines) or "You have no token."


def _revoke(ctx: Context, args: argparse.Namespace) -> tuple[dict[str, object], str]:
    actor = signed_in(ctx, c.DisablePerson if args.user else None)
    user_id = args.user or actor.user_id
    done = tokens.revoke(ctx, actor, user_id=user_id, token_id=args.token, reason=args.reason)
    did = "revoked" if done else "nothing: it is revoked already"
    return {"token": args.token, "did": did}, f"{args.token}: {did}."


def _plain(token: Token, used: datetime | None) -> dict[str, object]:
    return {
        "token": token.token_id,
        "label": token.label,
        "role": token.role.value,
        "models": list(token.models),
        "expires_at": _moment(token.expires_at),
        "revoked_at": _moment(token.revoked_at),
        "used_at": _moment(used),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _line(ctx: Context, token: Token, used: datetime | None) -> str:
    until = f"until {token.expires_at:%d %b %Y}" if token.lasts(ctx.clock()) else "revoked or past its day"
    reach = ", ".join(token.models) or "all models"
    last = f"last used {used:%d %b %Y %H:%M} UTC" if used else "never used"
    return f"{token.token_id:<14} {token.label:<24} {token.role.label}, {reach}, {until}, {last}"
