"""A monitoring run on its way between the machine that counts and the server that keeps."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from plumbline.domain.chain import canonical_json
from plumbline.domain.errors import LogError, PolicyError
from plumbline.domain.log_spec import LogSpec
from plumbline.domain.payload import from_plain, to_plain
from plumbline.domain.results import Level, Result
from plumbline.policy.load import Policy
from plumbline.profiling.serial import decode, digest
from plumbline.services.known_profiles import Stored
from plumbline.services.monitoring import MonitoringRun
from plumbline.services.run_account import read_account

UNREADABLE = "Send what `plumbline monitor` of the same version sends."


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
        raise _other_policy()
    if "account" not in plain:
        return None
    contents = {label: b64decode(text) for label, text in plain["contents"].items()}
    return Stored(read_account(plain["account"]), contents, plain["runs"], plain["judged"])


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run says of itself."""

    id: str
    policy: str
    source: str
    rows: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMessage:
    """A run on its way, plain enough for JSON: profiles are the bytes that are stored, in base 64, in the order of
    their windows; `only_new` and `whole` as in `Sent`.
    """

    model: str
    version: str
    log: LogSpec
    run: RunFacts
    contents: tuple[str, ...]
    results: tuple[Result, ...]
    account: str
    unmeasured: tuple[str, ...]
    only_new: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A run; whether only what is new is to be kept, and whether all results of windows that stand are wanted back."""

    run: MonitoringRun
    only_new: bool
    whole: bool


def pack(sent: Sent) -> bytes:
    """The run as JSON."""
    done = sent.run
    message = RunMessage(
        model=done.model_id,
        version=done.version_id,
        log=done.log,
        run=from_plain(RunFacts, done.run),
        contents=tuple(b64encode(content).decode() for content in done.contents),
        results=done.results,
        account=done.account.text(),
        unmeasured=tuple(sorted(done.unmeasured)),
        only_new=sent.only_new,
        whole=sent.whole,
    )
    return canonical_json(to_plain(message)).encode()


def unpack(message: RunMessage, policy: Policy) -> Sent:
    """The run that was packed.

    Raises:
        LogError: its parts are unreadable, or do not belong together.
        PolicyError: it was judged by another policy than the one in force.
    """
    if {message.run.policy, *(each.verdict.policy for each in message.results)} != {policy.digest}:
        raise _other_policy()
    try:
        contents = tuple(b64decode(text, validate=True) for text in message.contents)
        profiles, account = tuple(decode(content) for content in contents), read_account(message.account)
    except Exception as fault:  # whatever bytes came
        raise _unreadable(fault) from None
    # The account's text has its windows in alphabetical order, and what stands is told by their order in time.
    hashes = {each.window.label: digest(content) for each, content in zip(profiles, contents, strict=True)}
    if not profiles or hashes != dict(account.windows) or not hashes.keys() >= {*_windows(message)}:
        raise LogError("The run's windows are not those of its account", remedy=UNREADABLE)
    done = MonitoringRun(
        model_id=message.model,
        version_id=message.version,
        log=message.log,
        run=to_plain(message.run),
        profiles=profiles,
        contents=contents,
        results=message.results,
        account=replace(account, windows=hashes),
        unmeasured=frozenset(message.unmeasured),
    )
    return Sent(done, message.only_new, message.whole)


def _windows(message: RunMessage) -> Iterator[str]:
    yield from message.unmeasured
    yield from (each.window.label for each in message.results)


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


def _other_policy() -> PolicyError:
    return PolicyError(
        "The server judges by another policy than the machine that counts",
        remedy="Install the same Plumbline, with the same policy packs, on both.",
    )


def _unreadable(fault: Exception) -> LogError:
    return LogError(f"The run cannot be read ({type(fault).__name__}: {str(fault)[:200]})", remedy=UNREADABLE)
