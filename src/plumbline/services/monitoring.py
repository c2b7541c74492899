"""Monitoring: count a log, measure each window against the reference, judge it by the policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plumbline import __version__
from plumbline.domain.chain import sha256
from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec
from plumbline.domain.model_file import ModelFile
from plumbline.domain.results import REFERENCE, Level, Result, Window, iso
from plumbline.policy.load import Policy
from plumbline.profiling.count import MEMORY, Counted, Progress, count
from plumbline.profiling.profile import Profile
from plumbline.profiling.rows import FUTURE
from plumbline.profiling.serial import digest, encode
from plumbline.profiling.warehouse import count_tables, engine_name, is_url
from plumbline.services.judging import judge_profiles, require_known
from plumbline.services.measure_selective import label_share
from plumbline.services.run_account import Account, account_of, judged_under, unbroken
from plumbline.services.silent_windows import after_changes

if TYPE_CHECKING:  # a dry run starts without the store
    from plumbline.services.known_profiles import Held

DUCKDB = "duckdb"  # files, read in place
FROM_PROFILES = "from profiles"  # nothing read: what is stored judged again


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringRun:
    """One run: `run` says what was counted and under which policy; `contents` are the profiles as stored bytes.

    `account` is what a later run may build on. `unmeasured` windows stand in the store as they are: `filled` reads
    their results from there, and counts those it leaves `unread`.
    """

    model_id: str
    version_id: str
    log: LogSpec
    run: dict[str, Any]
    profiles: tuple[Profile, ...]  # the reference first
    contents: tuple[bytes, ...]  # aligned with profiles
    results: tuple[Result, ...]
    account: Account
    unmeasured: frozenset[str] = frozenset()
    unread: Mapping[Level, int] = field(default_factory=dict)

    @property
    def newest(self) -> Profile | None:
        """The last window that has rows."""
        return next((profile for profile in reversed(self.profiles[1:]) if profile.rows), None)

    def as_json(self) -> dict[str, Any]:
        """The results format: null where a figure could not be made, never NaN."""
        windows = {
            profile.window.label: {
                "sha256": digest(content),
                "rows": profile.rows,
                "quarantine": profile.quarantine,
                "label_share": label_share(profile, self.log),
                "mature": profile.mature,
            }
            for profile, content in zip(self.profiles, self.contents, strict=True)
        }
        return {
            "run": self.run,
            "profile": {"grid": self.profiles[0].grid.digest, "windows": windows},
            "results": [result.as_json() for result in self.results],
        }

    def verdicts(self) -> dict[Level, int]:
        """How many results of each level, the reference's own left out."""
        counted = Counter(r.verdict.level for r in self.results if r.window.label != self.profiles[0].window.label)
        return {level: counted.get(level, 0) + self.unread.get(level, 0) for level in Level}


def run(
    model_file: ModelFile,
    *,
    log: Sequence[str | Path],
    reference: Sequence[str | Path] = (),
    labels: Sequence[str | Path] = (),
    policy: Policy,
    clock: Callable[[], datetime],
    memory: int = MEMORY,
    progress: Progress | None = None,
    held: Held | None = None,
    engine: str = DUCKDB,
    kept: bool = True,
) -> MonitoringRun:
    """Count, measure, judge. Touches no store; `memory` is DuckDB's part in megabytes.

    Without `kept` the run is for reading alone: its profiles are not packed, `contents` and `account` stay empty.

    `held` is what earlier runs left: windows whose sources are unchanged are not read again, and not judged again
    where nothing that judges them has changed. `engine` is a warehouse's URL where the log lies in tables, one a side.

    Raises:
        LogError: the log cannot be trusted at all.
        PolicyError: the policy knows nothing of the model's family.
    """
    started = clock()
    require_known(model_file, policy)
    if is_url(engine):
        counted = count_tables(
            model_file.log,
            engine=engine,
            model_id=model_file.model.id,
            version_id=model_file.version.id,
            log=_table(log) or "",
            reference=_table(reference),
            labels=_table(labels),
            memory=memory,
            progress=progress,
            now=started,
        )
        return judged(model_file, counted, policy, started, engine=engine_name(engine), kept=kept)
    counted = count(
        model_file.log,
        model_id=model_file.model.id,
        version_id=model_file.version.id,
        log=log,
        reference=reference,
        labels=labels,
        memory=memory,
        progress=progress,
        known=held.counts if held else None,
        now=started,
    )
    return judged(model_file, counted, policy, started, held=held, kept=kept)


def _table(given: Sequence[str | Path]) -> str | None:
    if len(given) > 1:
        raise LogError(
            "A warehouse is asked for one table a side",
            where=", ".join(map(str, given)),
            remedy="Make a view that unites them.",
        )
    return str(given[0]) if given else None


def judged(
    model_file: ModelFile,
    counted: Counted,
    policy: Policy,
    started: datetime,
    *,
    engine: str = DUCKDB,
    taken: Mapping[str, str] | None = None,
    reference_windows: tuple[str, ...] = (),
    held: Held | None = None,
    stored: Mapping[str, bytes] | None = None,
    kept: bool = True,
) -> MonitoringRun:
    """The run that these counts amount to, whoever counted them; `taken` names the run a window was taken over from.

    `stored` are the bytes of those windows that stand as they were stored; `kept` as in `run`.

    Raises:
        PolicyError: the policy knows nothing of the model's family.
    """
    found = (counted.reference, *counted.windows)
    stored = _unchanged(found, held) if stored is None else stored
    # Packing and hashing leave the interpreter to others: beside the measuring they cost no time of their own.
    with ThreadPoolExecutor(1) as beside:
        packing = beside.submit(_packed, found if kept else (), stored)
        still = _still(model_file, counted, policy, held, stored)
        ahead = counted.quarantine.get(FUTURE, 0)
        results = judge_profiles(model_file, found, policy, leaving=still, ahead=ahead)
        contents, hashes = packing.result()
    notes = _notes(counted)
    account = account_of(
        model_file,
        policy,
        dict(zip((profile.window.label for profile in found), hashes, strict=kept)),
        hashes[0] if kept else "",
        files=counted.files,
        labels=counted.label_marks,
        reference_windows=reference_windows,
        ahead=ahead,
        notes=notes,
    )
    told = _told(model_file, counted, policy, started, hashes, notes)
    if held:
        taken = {label: held.counts.runs[label] for label in sorted(counted.taken)}
    return MonitoringRun(
        model_id=model_file.model.id,
        version_id=model_file.version.id,
        log=model_file.log,
        run=told | {"engine": engine, "taken_over": dict(taken or {})},
        profiles=found,
        contents=contents,
        results=results,
        account=account,
        unmeasured=still,
    )


def _packed(found: Sequence[Profile], stored: Mapping[str, bytes]) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """(bytes of each profile, their hashes)."""
    contents = tuple(stored.get(profile.window.label) or encode(profile) for profile in found)
    return contents, tuple(map(digest, contents))


def _unchanged(found: Sequence[Profile], held: Held | None) -> dict[str, bytes]:
    """Bytes of the profiles that were taken over as they are."""
    labels = [each.window.label for each in found if held and held.counts.windows.get(each.window.label) is each]
    return {label: held.contents[label] for label in labels} if held else {}


def _still(
    model_file: ModelFile, counted: Counted, policy: Policy, held: Held | None, stored: Mapping[str, bytes]
) -> frozenset[str]:
    """Windows of which the store has this very profile, and those before it, judged under the same."""
    if held is None or REFERENCE not in stored or FUTURE in counted.quarantine:
        return frozenset()
    under = judged_under(model_file, policy, digest(stored[REFERENCE]))
    same = {label for label in counted.taken if label in stored and held.judged.get(label) == under}
    same -= after_changes(counted.windows, held.counts.windows)
    return unbroken((profile.window.label for profile in (counted.reference, *counted.windows)), same)


def _told(
    model_file: ModelFile,
    counted: Counted,
    policy: Policy,
    started: datetime,
    hashes: Sequence[str],
    notes: Sequence[str],
) -> dict[str, Any]:
    """The run in words and digests."""
    source = sha256("\n".join(counted.sources))
    mark = sha256("\n".join([source, policy.digest, *hashes]))
    return {
        # Time and content: the same log judged again is a run of its own, and supersedes.
        "id": f"{started:%Y%m%dT%H%M%S%f}-{mark[:12]}",
        "model": model_file.model.id,
        "version": model_file.version.id,
        "started_at": iso(started),
        "app_version": __version__,
        "model_file": model_file.sha256,
        "policy": policy.digest,
        "source": source,
        "sources": list(counted.sources),
        "rows_in": counted.rows_in,
        "rows": counted.reference.rows + sum(profile.rows for profile in counted.windows),
        "quarantined": sum(counted.quarantine.values()),
        "quarantine": counted.quarantine,
        "windows": [_window(profile.window) for profile in counted.windows],
        "notes": list(notes),
    }


def _notes(counted: Counted) -> list[str]:
    return [*counted.notes, *_without_values(counted)]


def _without_values(counted: Counted) -> list[str]:
    found = (counted.reference, *(profile for profile in counted.windows if profile.rows))
    names = [name for name in counted.reference.columns if not any(each.columns[name].n for each in found)]
    return [f"Without a single value: {', '.join(names)}."] if names else []


def _window(window: Window) -> dict[str, str | None]:
    return {"window": window.label, "window_start": iso(window.start), "window_end": iso(window.end)}
