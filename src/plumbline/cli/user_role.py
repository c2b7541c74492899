"""`plumbline user role|review|list`: who holds what for which models, and when that was last found right."""

from __future__ import annotations

import argparse

from plumbline.cli.person import signed_in
from plumbline.domain.errors import EvidenceMissing
from plumbline.domain.people import EVERYWHERE, Grant, Person, Role, Scope, ScopeKind
from plumbline.services import access_review, identity
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.events import Recorded

ROLES = [role.value for role in Role]


def configure(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    shared: argparse.ArgumentParser,
) -> None:
    role = verbs.add_parser("role", parents=[shared], help="give a role, or take it back with --revoke REASON")
    role.add_argument("user")
    role.add_argument("role", choices=ROLES)
    role.add_argument("--revoke", metavar="REASON")
    takes_scope(role)
    review = verbs.add_parser("review", parents=[shared], help="confirm that a person still needs what they hold")
    review.add_argument("user")
    review.add_argument("--comment", required=True, help="why they do")
    verbs.add_parser("list", parents=[shared], help="everyone, what they hold, what waits for a second administrator")


def takes_scope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for",
        dest="scope",
        default="",
        metavar="KIND=VALUE",
        help="for some models alone: legal_entity=NAME, business_line=NAME or model=ID",
    )


def scope_of(text: str) -> Scope:
    """What `--for` says; EvidenceMissing for anything else.

    >>> scope_of("business_line=Cards").label
    'business line Cards'
    """
    if not text:
        return EVERYWHERE
    kind, _, value = text.partition("=")
    if kind not in set(ScopeKind) - {ScopeKind.EVERYWHERE} or not value.strip():
        raise EvidenceMissing(
            f"'{text}' does not say what the role reaches",
            where="--for",
            remedy="Write legal_entity=NAME, business_line=NAME or model=ID, or leave it out for everything.",
        )
    return Scope(ScopeKind(kind), value.strip())


def change(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    actor, grant = signed_in(ctx, c.GrantRole), Grant(Role(args.role), scope_of(args.scope))
    if args.revoke is None:
        done = handle(ctx, c.GrantRole(user_id=args.user, role=grant.role, scope=grant.scope), actor)
        return {"user": args.user, "did": granted(ctx, args.user, grant, done)}
    taken = c.RevokeRole(user_id=args.user, role=grant.role, reason=args.revoke, scope=grant.scope)
    done = handle(ctx, taken, actor)
    return {"user": args.user, "did": f"revoked {grant.label}" if done else "nothing: that is so already"}


def granted(ctx: Context, user_id: str, grant: Grant, done: tuple[Recorded, ...]) -> str:
    """What became of asking for a role: granted, waiting for another administrator, or nothing new."""
    waits = any(proposal.grant == grant for proposal in _person(ctx, user_id).proposals)
    if waits:
        asked = f"plumbline user role {user_id} {grant.role.value}{_for(grant.scope)}"
        said = "proposed" if done else "nothing: you have proposed"
        return f"{said} {grant.label}; it waits for another administrator to ask for the same: {asked}"
    found = [one.event for one in done]
    held = any(isinstance(each, e.RoleGranted) and Grant(each.role, each.scope) == grant for each in found)
    return f"granted {grant.label}" if held else "nothing: that is so already"


def _for(scope: Scope) -> str:
    return "" if scope == EVERYWHERE else f" --for '{scope.kind.value}={scope.value}'"


def review(ctx: Context, args: argparse.Namespace) -> dict[str, object]:
    handle(ctx, c.ReviewAccess(user_id=args.user, comment=args.comment), signed_in(ctx, c.ReviewAccess))
    held = ", ".join(grant.label for grant in _person(ctx, args.user).grants) or "no role"
    return {"user": args.user, "did": f"reviewed: {held}"}


def everyone(ctx: Context, _: argparse.Namespace) -> dict[str, object]:
    signed_in(ctx)
    due = {each.user_id: each for each in access_review.reviews(ctx)}
    return {"people": [_told(person, due[person.user_id]) for person in identity.people(ctx)]}


def _told(person: Person, due: access_review.Due) -> dict[str, object]:
    return {
        "user": person.user_id,
        "name": person.name,
        "roles": [role.value for role in person.roles],
        "grants": [grant.label for grant in person.grants],
        "waiting": [f"{proposal.grant.label}, proposed by {proposal.by}" for proposal in person.proposals],
        "line_manager": person.line_manager,
        "active": person.active,
        "reviewed_by": person.review.by if person.review else None,
        "review_due": due.on.isoformat() if due.on else None,
        "review_overdue": due.overdue,
    }


def lines(people: list[dict[str, object]]) -> str:
    """The register as a person reads it."""
    return "\n".join(_line(each) for each in people)


def _line(person: dict[str, object]) -> str:
    grants, waiting = person["grants"], person["waiting"]
    held = ", ".join(grants) if isinstance(grants, list) else ""
    asked = "; ".join(f"waits: {each}" for each in waiting) if isinstance(waiting, list) else ""
    marks = ("" if person["active"] else "disabled", "review overdue" if person["review_overdue"] else "", asked)
    told = "; ".join(mark for mark in marks if mark)
    return f"{person['user']:<20} {person['name']:<28} {held}{f' ({told})' if told else ''}"


def _person(ctx: Context, user_id: str) -> Person:
    return next(person for person in identity.people(ctx) if person.user_id == user_id)
