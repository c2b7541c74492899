"""`verify`: the log proves itself, the tables follow from the log, the counted evidence matches its hashes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from plumbline.domain.chain import GENESIS, Link, canonical_json, first_break, link_of, sha256
from plumbline.domain.errors import ChainBroken, LogError, NotFound
from plumbline.domain.payload import utc_text
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.store import accounts, explanations, log, manifests, profiles, projections, results
from plumbline.store.database import Cursor
from plumbline.store.log import Chain
from plumbline.store.result_digest import digest, stored_digests
from plumbline.workflow.events import ExplanationRecorded, MonitoringRecorded
from plumbline.workflow.manifest import manifest_hash
from plumbline.workflow.people import fold_person
from plumbline.workflow.tokens import fold_tokens

CHAINS: tuple[Chain, ...] = ("event", "access")
THROUGH_THE_LOG = frozenset({"tables", "monitoring", "manifests", "explanations"})
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One proof: what was looked at, whether it holds, and what was found; `seq` is the first broken entry."""

    name: str
    holds: bool
    found: str
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """All proofs together, with the head of the log that they were made on."""

    checks: tuple[Check, ...]
    seq: int
    head: str

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def verify(ctx: Context, *, progress: Progress | None = None) -> Verification:
    """Prove the store as it stands; a store that cannot even be read is a failed proof, not a fault.

    `progress` is told how many proofs are done, how many there are, and which comes next.
    """
    checks: list[Check] = []
    with ctx.store.read() as cursor:
        proofs = _proofs(cursor, anchor_path(ctx.store.path))
        for name, prove in proofs.items():
            # What these are about is read through the log, so a broken log leaves nothing to compare with.
            if name in THROUGH_THE_LOG and not checks[0].holds:
                break
            if progress:
                progress(len(checks), len(proofs), name)
            checks.append(prove())
        seq, head = log.head(cursor)
    if progress:
        progress(len(proofs), len(proofs), "")
    return Verification(tuple(checks), seq, head)


def _proofs(cursor: Cursor, anchors: Path | None) -> dict[str, Callable[[], Check]]:
    """By name, in the order of their making."""
    return {
        **{f"{name} log": partial(_stored_chain, cursor, name) for name in CHAINS},
        "anchors": partial(_anchors, cursor, anchors),
        "tables": partial(_tables, cursor),
        "monitoring": partial(_runs, cursor),
        "manifests": partial(_manifests, cursor),
        "explanations": partial(_explanations, cursor),
    }


def verify_export(path: Path) -> Verification:
    """Prove an exported log offline: JSON, a list of entries or an object with `event` and `access`."""
    chains = _exported(path)
    checks = tuple(_chain(name, rows) for name, rows in chains.items())
    last = chains["event"][-1] if chains.get("event") else None
    return Verification(checks, last.entry.seq if last else 0, last.hash if last else GENESIS)


def head(ctx: Context) -> tuple[int, str]:
    """(seq, hash) of the last event, for footers and exports."""
    with ctx.store.read() as cursor:
        return log.head(cursor)


def anchor_path(store_path: str) -> Path | None:
    """Where heads are kept outside the file; a store in memory has nowhere."""
    return None if store_path == ":memory:" else Path(f"{store_path}.anchor")


def anchor(ctx: Context, occasion: str) -> None:
    """Write the heads beside the store, so that a log cut short or rewritten whole no longer matches."""
    path = anchor_path(ctx.store.path)
    if path is None:
        return
    with ctx.store.read() as cursor:
        heads = {name: list(log.head(cursor, name)) for name in CHAINS}
    line = canonical_json({"at": utc_text(ctx.clock()), "occasion": occasion, **heads})
    with path.open("a", encoding="utf-8") as handle:
        handle.write(f"{line}\n")


def _stored_chain(cursor: Cursor, name: Chain) -> Check:
    return _chain(name, log.links(cursor, name))


def _chain(name: str, links: Iterable[Link]) -> Check:
    found: list[Link] = []
    try:
        found.extend(links)
    except ChainBroken as unreadable:
        return Check(f"{name} log", False, str(unreadable), len(found) + 1)
    broken = first_break(found)
    if broken:
        return Check(f"{name} log", False, f"entry {broken.seq} is broken: {broken.why}", broken.seq)
    return Check(f"{name} log", True, f"entries: {len(found)}; each follows from the one before")


def _anchors(cursor: Cursor, path: Path | None) -> Check:
    if path is None or not path.exists():
        return Check("anchors", True, "none yet")
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        why = _mismatch(cursor, line)
        if why:
            return Check("anchors", False, f"{path.name} line {number}: {why[1]}", why[0])
    return Check("anchors", True, f"heads kept outside the store: {len(lines)}; all found in the log")


def _mismatch(cursor: Cursor, line: str) -> tuple[int, str] | None:
    try:
        kept = json.loads(line)
        claims: list[tuple[Chain, int, str]] = [("event", *kept["event"]), ("access", *kept["access"])]
        at = kept["at"]
    except (ValueError, KeyError, TypeError):
        return 0, "is not an anchor"
    for chain, seq, expected in claims:
        if seq and log.hash_at(cursor, chain, seq) != expected:
            return seq, f"on {at} entry {seq} of the {chain} log had another hash"
    return None


def _tables(cursor: Cursor) -> Check:
    models, people = log.entities(cursor, "model"), log.entities(cursor, "person")
    for model_id in models:
        for table, wanted in projections.rows(state_of(cursor, model_id)).items():
            if _different(wanted, projections.stored(cursor, table, model_id)):
                return Check("tables", False, f"table {table} differs from the log for model {model_id}")
    for user_id in people:
        history = tuple(log.events(cursor, "person", user_id))
        person = fold_person(history)
        for table, wanted in projections.person_rows(person, fold_tokens(history)).items() if person else ():
            if _different(wanted, projections.stored_person(cursor, table, user_id)):
                return Check("tables", False, f"table {table} differs from the log for person {user_id}")
    stray = projections.strangers(cursor)
    if stray:
        return Check("tables", False, f"table {stray[0]} holds '{stray[1]}', which the log does not know")
    return Check("tables", True, f"models: {len(models)}; people: {len(people)}; all as the log amounts to")


def _different(wanted: list[tuple[Any, ...]], found: list[tuple[Any, ...]]) -> bool:
    return sorted(map(repr, wanted)) != sorted(map(repr, found))


def _runs(cursor: Cursor) -> Check:
    runs = results.bound_runs(cursor)
    stored, hashes = dict(stored_digests(cursor)), profiles.hashes_by_run(cursor)
    for run in runs:
        agrees = stored.get((run.run_id, run.seq)) == run.results_sha256
        # What the engine writes differently is made again from the rows, before anybody is accused.
        if not agrees and digest(results.of_run(cursor, run.run_id)) != run.results_sha256:
            return Check("monitoring", False, f"results of run {run.run_id} differ from their hash", run.seq)
        kept = hashes.get((run.run_id, run.seq), [])
        if sorted(actual for _, actual in kept) != sorted(run.profile_hashes) or any(a != b for a, b in kept):
            return Check("monitoring", False, f"profiles of run {run.run_id} differ from their hashes", run.seq)
    told = _told_accounts(cursor)
    if told:
        return told
    for table in ("result", "profile", "run_account"):
        stray = results.strangers(cursor, table)
        if stray is not None:
            return Check("monitoring", False, f"table {table} has rows of a run {stray} that the log does not know so")
    return Check("monitoring", True, f"runs: {len(runs)}; results and profiles match their hashes")


def _told_accounts(cursor: Cursor) -> Check | None:
    """The first run whose account is not the one that its event binds."""
    kept = accounts.hashes(cursor)
    for item in log.links(cursor, where="action = 'monitoring_recorded'"):
        fact = log.recorded(item).event
        if isinstance(fact, MonitoringRecorded) and kept.get((fact.run_id, item.entry.seq), "") != fact.account_sha256:
            return Check("monitoring", False, f"the account of run {fact.run_id} differs from its hash", item.entry.seq)
    return None


def _manifests(cursor: Cursor) -> Check:
    kept = manifests.all_manifests(cursor)
    for case_id, expected, count in kept:
        items = manifests.items(cursor, case_id, expected)
        altered = next((i for i in items if sha256(i.content) != i.sha256), None)
        if altered:
            return Check("manifests", False, f"case {case_id}: {altered.kind} {altered.id} differs from its hash")
        if manifest_hash(items) != expected or len(items) != count:
            return Check("manifests", False, f"case {case_id}: the evidence does not give the hash that was signed")
    return Check("manifests", True, f"manifests: {len(kept)}; each holds exactly what was pinned")


def _explanations(cursor: Cursor) -> Check:
    actual = explanations.content_hashes(cursor)
    told = [
        fact
        for item in log.links(cursor, where="action = 'explanation_recorded'")
        if isinstance(fact := log.recorded(item).event, ExplanationRecorded)
    ]
    for fact in told:
        if actual.get(fact.explanation_id) != fact.sha256:
            return Check("explanations", False, f"explanation {fact.explanation_id} differs from its hash")
    return Check("explanations", True, f"explanations: {len(told)}; all match their hashes")


def _exported(path: Path) -> dict[str, list[Link]]:
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise NotFound("There is no such export", where=str(path), remedy="Check the path.") from None
    except (OSError, ValueError, RecursionError):
        raise LogError("The export is not JSON", where=str(path), remedy="Export the log again.") from None
    chains = {"event": raw} if isinstance(raw, list) else raw
    if not isinstance(chains, dict) or not chains.get("event"):
        remedy = "It is a list of the log's entries, or has one under the key 'event': export the log again."
        raise LogError("The export holds no log", where=str(path), remedy=remedy)
    return {name: _links(path, name, chains[name]) for name in CHAINS if name in chains}


def _links(path: Path, name: str, rows: Any) -> list[Link]:
    found: list[Link] = []
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        try:
            found.append(link_of(row))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise LogError(
                f"Entry {number} of the {name} log is no entry of a log",
                where=str(path),
                remedy="Export the log again.",
            ) from None
    return found
