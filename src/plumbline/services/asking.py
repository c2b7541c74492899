"""A command asked from afar: done once however often it is asked, and answered with what it changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from plumbline.domain.chain import canonical_json, sha256
from plumbline.domain.errors import EvidenceMissing
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Actor
from plumbline.services.context import Context
from plumbline.services.governance import handle
from plumbline.store import answers
from plumbline.store.database import Cursor
from plumbline.workflow import commands as c
from plumbline.workflow import events as e

# A client that lost the answer asks again within seconds; one that asks the next day means something new.
REMEMBERED = timedelta(days=1)
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Answer:
    """The events that a command came to, plain; `repeated` where an earlier asking had done it."""

    events: tuple[dict[str, Any], ...]
    repeated: bool = False


class _DoneMeanwhile(Exception):
    """Another asking under the same key was first: what this one did is undone."""


def ask(
    ctx: Context, command: c.Command, actor: Actor, *, key: str = "", expected_revision: int | None = None
) -> Answer:
    """Do what the command asks; under a `key` that it was asked by before, answer as then and change nothing.

    Raises:
        EvidenceMissing: the key was used for something else. Others as `handle`.
    """
    if not key:
        return Answer(_plain(handle(ctx, command, actor, expected_revision=expected_revision)))
    if len(key) > LONGEST_KEY:
        raise EvidenceMissing("The idempotency key is too long", remedy=f"It has at most {LONGEST_KEY} characters.")
    name = sha256(f"{actor.user_id}\n{key}".encode())
    asked = sha256(canonical_json([type(command).__name__, to_plain(command)]).encode())

    def keep(cursor: Cursor, done: tuple[e.Recorded, ...]) -> None:
        if answers.answer(cursor, name):
            raise _DoneMeanwhile
        now = ctx.clock()
        answers.keep(cursor, name, asked, canonical_json(list(_plain(done))), now, forget=now - REMEMBERED)

    earlier = _earlier(ctx, name, asked)
    if earlier:
        return earlier
    try:
        return Answer(_plain(handle(ctx, command, actor, expected_revision=expected_revision, after=keep)))
    except _DoneMeanwhile:
        return _earlier(ctx, name, asked) or ask(ctx, command, actor, key=key, expected_revision=expected_revision)


def _earlier(ctx: Context, name: str, asked: str) -> Answer | None:
    with ctx.store.read() as cursor:
        found = answers.answer(cursor, name)
    if found is None:
        return None
    if found[0] != asked:
        raise EvidenceMissing(
            "This idempotency key was used for another request", remedy="Make a new key for each new request."
        )
    return Answer(tuple(json.loads(found[1])), repeated=True)


def _plain(done: tuple[e.Recorded, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "seq": one.seq,
            "recorded_at": to_plain(one.recorded_at),
            "actor": one.actor,
            "acting_role": one.acting_role,
            "action": e.action_of(type(one.event)),
            "entity": one.event.entity,
            "entity_id": one.entity_id,
            "fact": to_plain(one.event),
            "hash": one.hash,
        }
        for one in done
    )
