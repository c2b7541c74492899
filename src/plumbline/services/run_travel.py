"""A monitoring run on its way between the machine that counts and the server that keeps."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plumbline.domain.chain import canonical_json
from plumbline.domain.errors import LogError, PolicyError
from plumbline.domain.log_spec import LogSpec
from plumbline.domain.payload import from_plain, to_plain
from plumbline.domain.results import Level, Result
from plumbline.policy.load import Policy
from plumbline.profiling.serial import decode, digest
from plumbline.services.known_profiles import Asked, Stored
from plumbline.services.monitoring import MonitoringRun
from plumbline.services.run_account import read_account

UNREADABLE = "Send what `plumbline monitor` of the same version sends."


def as_asked(asked: Asked) -> dict[str, Any]:
    """What the counting side asks before it counts."""
    return {
        "model": asked.model_id,
        "version": asked.version_id,
        "log": asked.log,
        "marks": sorted(asked.marks),
    }


def read_asked(plain: Mapping[str, Any]) -> Asked:
    """Inverse of `as_asked`; LogError for anything else."""
    try:
        marks = frozenset(_text(each) for each in plain["marks"])
        return Asked(_text(plain["model"]), _text(plain["version"]), _text(plain["log"]), marks)
    except (KeyError, TypeError, ValueError) as fault:
        raise _unreadable(fault) from None


def as_stored(stored: Stored | None, policy: Policy) -> dict[str, Any]:
    """What the server tells of earlier runs, and under which policy it stands."""
    told: dict[str, Any] = {"policy": policy.digest}
    if stored:
        told["account"] = stored.account.text()
        told["runs"], told["judged"] = dict(stored.runs), dict(stored.judged)
        told["contents"] = {label: b64encode(content).decode() for label, content in stored.contents.items()}
    return told


def read_stored(plain: Mapping[str, Any], policy: Policy) -> Stored | None:
    """Inverse of `as_stored`.

    Raises:
        PolicyError: what is counted here would be judged by other limits than hold there.
    """
    if plain["policy"] != policy.digest:
        raise PolicyError(
            "The server judges by another policy than this machine", remedy="Install the same Plumbline on both."
        )
    if "account" not in plain:
        return None
    contents = {label: b64decode(text) for label, text in plain["contents"].items()}
    return Stored(read_account(plain["account"]), contents, plain["runs"], plain["judged"])


@dataclass(frozen=True, slots=True)
class Sent:
    """A run; whether only what is new is to be kept, and whether all results of windows that stand are wanted back."""

    run: MonitoringRun
    only_new: bool
    whole: bool


def pack(sent: Sent) -> bytes:
    """The run as JSON; profiles as the bytes that are stored."""
    done = sent.run
    plain = {
        "model": done.model_id,
        "version": done.version_id,
        "log": to_plain(done.log),
        "run": done.run,
        "contents": [b64encode(content).decode() for content in done.contents],
        "results": to_plain(done.results),
        "account": done.account.text(),
        "unmeasured": sorted(done.unmeasured),
        "only_new": sent.only_new,
        "whole": sent.whole,
    }
    return canonical_json(plain).encode()


def unpack(body: bytes) -> Sent:
    """Inverse of `pack`; LogError for what is no run, or does not hang together."""
    try:
        plain = json.loads(body)
        contents = tuple(b64decode(text, validate=True) for text in plain["contents"])
        account = read_account(plain["account"])
        done = MonitoringRun(
            model_id=_text(plain["model"]),
            version_id=_text(plain["version"]),
            log=from_plain(LogSpec, plain["log"]),
            run=plain["run"],
            profiles=tuple(decode(content) for content in contents),
            contents=contents,
            results=tuple(from_plain(Result, each) for each in plain["results"]),
            account=account,
            unmeasured=frozenset(_text(each) for each in plain["unmeasured"]),
        )
        sent = Sent(done, plain["only_new"] is True, plain["whole"] is True)
        hashes = {each.window.label: digest(content) for each, content in zip(done.profiles, contents, strict=True)}
    except Exception as fault:  # whatever bytes came, and whichever part of them was wrong
        raise _unreadable(fault) from None
    if hashes != dict(account.windows):
        raise LogError("The run's profiles are not those of its account", remedy=UNREADABLE)
    # The account's text has its windows in alphabetical order, and what stands is told by their order in time.
    return replace(sent, run=replace(done, account=replace(account, windows=hashes)))


def as_filled(done: MonitoringRun) -> dict[str, Any]:
    """What the server adds to the run: the results of windows that stand there, and how many it left unread."""
    return {
        "results": to_plain(done.results),
        "unread": {level.value: count for level, count in done.unread.items()},
    }


def read_filled(plain: Mapping[str, Any]) -> tuple[tuple[Result, ...], dict[Level, int]]:
    """Inverse of `as_filled`."""
    unread = {Level(level): int(count) for level, count in plain["unread"].items()}
    return tuple(from_plain(Result, each) for each in plain["results"]), unread


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def _unreadable(fault: Exception) -> LogError:
    return LogError(f"The run cannot be read ({type(fault).__name__}: {str(fault)[:200]})", remedy=UNREADABLE)
