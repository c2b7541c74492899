"""What the store already holds of a version: profiles that need not be counted again, results that stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plumbline.domain.model_file import ModelFile
from plumbline.profiling.known import COUNTED_BY, Known, quick_mark, spec_mark
from plumbline.profiling.serial import decode
from plumbline.profiling.sources import find_files
from plumbline.services.run_account import Account, read_account, unbroken
from plumbline.store import accounts, profiles, results
from plumbline.store.database import Cursor

LOOKED_AT = 20  # last runs among which one to build on is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a run may build on: counts, their stored bytes by window, what each window's results were judged under."""

    counts: Known
    contents: Mapping[str, bytes]
    judged: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is about to be counted: the version, a mark of its `[log]`, the quick marks of all files."""

    model_id: str
    version_id: str
    log: str
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """The one earlier run to build on: its account, and by window its profile's bytes, the run that first stored them,
    and what its results were judged under.
    """

    account: Account
    contents: Mapping[str, bytes]
    runs: Mapping[str, str]
    judged: Mapping[str, str]


def asked(model_file: ModelFile, given: Sequence[str | Path]) -> Asked:
    """Before counting the files `given`; LogError where one is not there."""
    marks = frozenset(quick_mark(path) for path in find_files(given))
    return Asked(model_file.model.id, model_file.version.id, spec_mark(model_file.log), marks)


def stored(cursor: Cursor, by: Asked) -> Stored | None:
    """What may be taken over: the counts of the one earlier run that knew most of the files.

    One run and no mixture: rows of two runs were never compared for ids that stand in both.
    """
    told = accounts.newest(cursor, by.model_id, by.version_id, LOOKED_AT)
    read = [read_account(each.content) for each in told]
    found = [each for each in read if each.files and (each.counted_by, each.log) == (COUNTED_BY, by.log)]
    best = max(found, key=lambda account: sum(file.quick in by.marks for file in account.files), default=None)
    if best is None or not any(file.quick in by.marks for file in best.files):
        return None
    kept = profiles.by_hash(cursor, by.model_id, by.version_id, best.windows.values())
    there = {label: kept[mark] for label, mark in best.windows.items() if mark in kept}
    return Stored(
        account=best,
        contents={label: each.content for label, each in there.items()},
        runs={label: each.run_id for label, each in there.items()},
        judged=_judged(cursor, by.model_id, by.version_id, best.windows),
    )


def held(found: Stored) -> Held:
    """The same, unpacked to count on."""
    return Held(
        counts=Known(
            files=found.account.files,
            windows={label: decode(content) for label, content in found.contents.items()},
            runs=found.runs,
            labels=found.account.labels,
        ),
        contents=found.contents,
        judged=found.judged,
    )


def standing(cursor: Cursor, model_id: str, version_id: str, account: Account) -> tuple[frozenset[str], frozenset[str]]:
    """Windows whose profile is in the store as this run has it, and those of them that stand, judged under the same."""
    judged = _judged(cursor, model_id, version_id, account.windows)
    return frozenset(judged), unbroken(account.windows, {label for label in judged if judged[label] == account.judged})


def _judged(cursor: Cursor, model_id: str, version_id: str, windows: Mapping[str, str]) -> dict[str, str]:
    """Window -> what its standing results were judged under, where its standing profile is the one with this hash."""
    current = {window: mark for window, _, mark in profiles.current_hashes(cursor, model_id, version_id)}
    speaking = results.current_runs(cursor, model_id, version_id)
    told = accounts.of_runs(cursor, speaking.values())
    under = {each.run_id: read_account(each.content).judged for each in told}
    return {
        label: under.get(speaking.get(label, ""), "") for label, mark in windows.items() if current.get(label) == mark
    }
