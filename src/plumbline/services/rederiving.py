"""Results made again from the profiles in the store: under another policy, tier, family or reference, without a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import add

from plumbline.domain.errors import LogError, NotFound
from plumbline.domain.model_file import ModelFile
from plumbline.domain.results import REFERENCE, Window
from plumbline.policy.load import Policy
from plumbline.profiling.assemble import Counted, matured
from plumbline.profiling.known import spec_marks
from plumbline.profiling.merging import merged
from plumbline.profiling.profile import Profile
from plumbline.profiling.rows import FUTURE
from plumbline.profiling.serial import decode_all
from plumbline.services.monitoring import FROM_PROFILES, MonitoringRun, judged
from plumbline.services.run_account import read_account
from plumbline.store import accounts, profiles
from plumbline.store.database import Cursor

NO_ROWS = (
    "Rows are not told apart by all features at once (domain_rows) where windows are merged or the reference is "
    "another than the one that was counted: that takes rows."
)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A profile, its bytes, and the run that stored them first."""

    run_id: str
    profile: Profile
    content: bytes


def from_profiles(
    cursor: Cursor,
    model_file: ModelFile,
    *,
    policy: Policy,
    clock: Callable[[], datetime],
    reference_windows: Sequence[str] = (),
    window: str | None = None,
) -> MonitoringRun:
    """A run over every stored window of the version, in which nothing is counted.

    `reference_windows` are stored windows that are added up to be the reference ("reference" is the one that was
    counted); `window` merges the stored windows into longer ones.

    Raises:
        NotFound: nothing is stored, or no window of that name.
        LogError: the model file's [log] is another than the one counted under, or windows that do not merge.
    """
    started = clock()
    stored, notes = _held(cursor, model_file)
    held = {label: each.profile for label, each in stored.items()}
    if reference_windows:
        reference = _reference(cursor, model_file, held, reference_windows)
        notes.append(
            f"The reference is {' + '.join(reference_windows)}, from stored profiles; bins and deciles stay those of "
            "the reference that was counted first."
        )
    else:
        reference = held[REFERENCE]
    windows = [profile for label, profile in held.items() if label != REFERENCE]
    alike = [profile for profile in windows if profile.grid.digest == reference.grid.digest]
    if len(alike) < len(windows):
        left = ", ".join(profile.window.label for profile in windows if profile not in alike)
        notes.append(f"Left as they were, counted on another reference's bins: {left}.")
    if window:
        alike = list(merged(alike, window))
    if model_file.log.domain_rows and (window or reference_windows):
        notes.append(NO_ROWS)
    found = matured([reference, *alike], model_file.log)
    return judged(
        model_file,
        _as_counted(found, notes, _ahead(cursor, model_file)),
        policy,
        started,
        engine=FROM_PROFILES,
        taken={label: stored[label].run_id for label in (each.window.label for each in found) if label in stored},
        reference_windows=tuple(reference_windows),
        # A profile that stands as it was stored has its bytes already.
        stored={label: stored[label].content for label in held if any(held[label] is each for each in found)},
    )


def _held(cursor: Cursor, model_file: ModelFile) -> tuple[dict[str, _Stored], list[str]]:
    """The standing profiles that were counted as this model file counts, by window and in their order; notes."""
    model_id, version_id = model_file.model.id, model_file.version.id
    current = profiles.current_hashes(cursor, model_id, version_id)
    told = accounts.of_runs(cursor, [run_id for _, run_id, _ in current])
    counted_under = {each.run_id: read_account(each.content).log for each in told}
    found = _stored(cursor, model_file, [mark for _, _, mark in current])
    marks = spec_marks(model_file.log)
    fits = [
        (label, mark) for label, run_id, mark in current
        if mark in found and counted_under.get(run_id) in marks
    ]  # fmt: skip
    if not current:
        raise NotFound(
            f"No profiles of {model_id} {version_id} are stored", remedy="Count its log first: monitor --log."
        )
    if REFERENCE not in dict(fits):
        raise LogError(
            "The stored profiles were counted under another [log]",
            where=str(model_file.path),
            remedy="Count the log once more with this model file: monitor --log.",
        )
    left = sorted({label for label, _, _ in current} - {label for label, _ in fits})
    notes = [f"Left as they were, counted under another [log]: {', '.join(left)}."] if left else []
    in_order = sorted(fits, key=lambda each: _order(found[each[1]].profile))
    return {label: found[mark] for label, mark in in_order}, notes


def _stored(cursor: Cursor, model_file: ModelFile, marks: Iterable[str]) -> dict[str, _Stored]:
    found = profiles.by_hash(cursor, model_file.model.id, model_file.version.id, marks)
    decoded = decode_all([each.content for each in found.values()])
    return {
        mark: _Stored(each.run_id, profile, each.content)
        for (mark, each), profile in zip(found.items(), decoded, strict=True)
    }


def _order(profile: Profile) -> tuple[bool, float, str]:
    start = profile.window.start
    return profile.window.label != REFERENCE, start.timestamp() if start else 0.0, profile.window.label


def _reference(cursor: Cursor, model_file: ModelFile, held: Mapping[str, Profile], labels: Sequence[str]) -> Profile:
    known = {**held, **_counted_reference(cursor, model_file)}
    unknown = [label for label in labels if label not in known]
    if unknown:
        raise NotFound(
            f"There is no stored window {', '.join(unknown)}",
            where="--reference-window",
            remedy=f"Choose among: {', '.join(held)}.",
        )
    parts = [known[label] for label in dict.fromkeys(labels)]
    if len({profile.grid.digest for profile in parts}) > 1:
        raise LogError(
            "These windows were counted on different references' bins, so they do not add up",
            where="--reference-window",
            remedy="Choose windows of one run.",
        )
    return replace(reduce(add, parts), window=Window(REFERENCE))


def _counted_reference(cursor: Cursor, model_file: ModelFile) -> dict[str, Profile]:
    """The newest reference that was counted, not put together from windows."""
    # Whoever judged a hundred times by other references counts once more to come back.
    for each in accounts.newest(cursor, model_file.model.id, model_file.version.id, 100):
        account = read_account(each.content)
        if not account.reference_windows:
            mark = account.windows[REFERENCE]
            found = _stored(cursor, model_file, [mark])
            return {REFERENCE: found[mark].profile} if found else {}
    return {}


def _ahead(cursor: Cursor, model_file: ModelFile) -> int:
    """Rows that the newest run set aside for a time in the future: no profile holds them."""
    told = accounts.newest(cursor, model_file.model.id, model_file.version.id, 1)
    return read_account(told[0].content).ahead if told else 0


def _as_counted(found: Sequence[Profile], notes: Sequence[str], ahead: int) -> Counted:
    quarantine: Counter[str] = Counter({FUTURE: ahead} if ahead else {})
    for profile in found:
        quarantine.update(profile.quarantine)
    return Counted(
        reference=found[0],
        windows=tuple(found[1:]),
        quarantine=dict(sorted(quarantine.items())),
        rows_in=sum(profile.rows for profile in found) + quarantine.total(),
        notes=tuple(notes),
        sources=tuple(sorted({source for profile in found for source in profile.sources})),
    )
