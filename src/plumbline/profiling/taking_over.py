"""Which windows of a log need not be read again: those whose files, outcomes and ids are what they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from plumbline.domain.log_spec import LogSpec
from plumbline.domain.results import REFERENCE
from plumbline.profiling.bins import Grid
from plumbline.profiling.duplicates import DUPLICATE
from plumbline.profiling.known import CountedFile, Known, quick_mark
from plumbline.profiling.merging import number_of
from plumbline.profiling.opening import Opened
from plumbline.profiling.parts import Prepared, extent
from plumbline.profiling.profile import Profile
from plumbline.profiling.rows import FUTURE, Key, Rows, relation, safe_window
from plumbline.profiling.session import Session
from plumbline.profiling.shared_ids import sharing
from plumbline.profiling.sources import find_files, text
from plumbline.profiling.windows import window_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is still to be read, and the profiles that stand in for the rest.

    `files`: what an earlier run knows of the given files that are unchanged. `label_marks` by key.
    """

    readings: tuple[Rows, ...]
    profiles: Mapping[Key, Profile] = field(default_factory=dict)
    files: Mapping[Path, CountedFile] = field(default_factory=dict)
    label_marks: Mapping[Key, str] = field(default_factory=dict)

    @property
    def grid(self) -> Grid | None:
        """The frozen grid, where the reference was taken over."""
        return self.profiles[REFERENCE].grid if REFERENCE in self.profiles else None

    @property
    def unread(self) -> tuple[CountedFile, ...]:
        """Files of rows that are not opened again at all."""
        paths = {rows.source.path for rows in self.readings}
        return tuple(file for path, file in self.files.items() if path not in paths and file.role != "labels")

    @property
    def quarantine(self) -> Counter[str]:
        """Rows set aside in all that is not read again."""
        found: Counter[str] = Counter()
        for counts in (*(each.quarantine for each in self.profiles.values()), *(f.unplaced for f in self.unread)):
            found.update(counts)
        return found


def mark_files(given: Iterable[str | Path]) -> dict[Path, str]:
    """The quick mark of each file, taken before any is read."""
    return {path: quick_mark(path) for path in find_files(given)}


def vouched(known: Known | None, marks: Mapping[Path, str]) -> dict[Path, CountedFile]:
    """The given files that an earlier run has read, and that look as they did then."""
    # What was ahead of that run's clock may have come to pass.
    ahead = known is not None and any(FUTURE in file.unplaced for file in known.files)
    read = {file.quick: file for file in known.files} if known and not ahead else {}
    return {path: read[mark] for path, mark in marks.items() if mark in read}


def take_over(session: Session, opened: Opened, known: Known | None, same: Mapping[Path, CountedFile]) -> Kept:
    """Decide what is to be read, by the files that are the `same` as in the run that is `known`."""
    marks = _label_marks(session, opened.readings) if any(rows.joined for rows in opened.readings) else {}
    whole = Kept(readings=opened.readings, label_marks=marks)
    if known is None or not _alike(opened.readings, known):
        return whole
    profiles = {key_of(opened.spec, profile): profile for profile in known.windows.values()}
    keys = {profile.window.label: key for key, profile in profiles.items()}
    touched = {path: {keys.get(label, label) for label in file.windows} for path, file in same.items()}
    fresh = [rows for rows in opened.readings if rows.source.path not in same]
    unsettled = _touched_by(session, fresh) | _missed(opened, known, same, keys)
    unsettled |= {key for key in set(marks) | set(keys.values()) if marks.get(key, "") != _mark(known, profiles, key)}
    held = {key: profiles[key] for found in touched.values() for key in found if key in profiles}
    while True:
        held = {} if REFERENCE in unsettled else {key: held[key] for key in held if key not in unsettled}
        if REFERENCE not in held:
            return whole
        read, rest = _parted(opened.readings, touched, held)
        shared = sharing(session, read, rest)
        if not shared:
            break
        # A window that shares an id with what is read must itself be read: which row came first decides.
        unsettled |= shared
    return Kept(readings=tuple(read), profiles=held, files=same, label_marks=marks)


def counted_files(opened: Opened, prepared: Prepared, kept: Kept, marks: Mapping[Path, str]) -> tuple[CountedFile, ...]:
    """Every file of a run, with the windows it has rows in: what a later run takes over by."""
    paths = {rows.source.path: rows for rows in opened.readings}
    held = {label_of(opened.spec, key) for key in kept.profiles}
    files = []
    for path, name in opened.named.items():
        before = kept.files.get(path)
        rows = paths.get(path)
        seen = {label_of(opened.spec, key) for key, span in prepared.spans.items() if path in span.files}
        seen |= held & set(before.windows) if before else set()
        unread = before is not None and before in kept.unread
        files.append(
            CountedFile(
                name=path.name,
                role="labels" if rows is None else REFERENCE if rows.reference_file else "log",
                digest=name.removeprefix(f"{path.name} "),
                quick=marks[path],
                windows=tuple(sorted(seen)),
                unplaced=before.unplaced if before and unread else dict(prepared.unplaced.get(path, {})),
            )
        )
    return tuple(files)


def key_of(spec: LogSpec, profile: Profile) -> Key:
    """What the counting calls a window: its number, its own text, or the reference."""
    window = profile.window
    return window.label if window.start is None else number_of(spec.window, window.start.date())


def label_of(spec: LogSpec, key: Key) -> str:
    return key if isinstance(key, str) else window_of(spec.window, key).label


def _alike(readings: Sequence[Rows], known: Known) -> bool:
    """Whether then, too, files of their own were the reference, or else marks in the log."""
    return any(rows.reference_file for rows in readings) == any(file.role == REFERENCE for file in known.files)


def _touched_by(session: Session, readings: Sequence[Rows]) -> set[Key]:
    found: set[Key] = set()
    for rows in readings:
        if rows.reference_file:
            found.add(REFERENCE)
        elif told := extent(session, rows):
            found.add(told[0])
        else:
            asked = f"SELECT DISTINCT {rows.is_reference()}, {safe_window(rows)} FROM {rows.source.relation} r"
            found |= {REFERENCE if reference else window for reference, window in session.rows(asked)}
    return found


def _missed(opened: Opened, known: Known, same: Mapping[Path, CountedFile], keys: Mapping[str, Key]) -> set[Key]:
    """Windows of files that are gone or changed; where any is, also those whose doubles may now be single."""
    given = [same[rows.source.path].quick for rows in opened.readings if rows.source.path in same]
    before = [file for file in known.files if file.role != "labels"]
    found = {keys.get(label, label) for file in before if file.quick not in given for label in file.windows}
    in_order = sorted(given) == sorted(file.quick for file in before) and given == [file.quick for file in before]
    if not in_order:
        found |= {keys[label] for label, profile in known.windows.items() if DUPLICATE in profile.quarantine}
    return found


def _mark(known: Known, profiles: Mapping[Key, Profile], key: Key) -> str:
    return known.labels.get(profiles[key].window.label, "") if key in profiles else ""


def _parted(
    readings: Sequence[Rows], touched: Mapping[Path, set[Key]], held: Mapping[Key, Profile]
) -> tuple[list[Rows], list[Rows]]:
    """(what is to be read, what is not), each file whole or by its windows."""
    read, rest = [], []
    for rows in readings:
        windows = touched.get(rows.source.path)
        if windows is None:
            read.append(rows)
        elif windows <= held.keys():
            rest.append(rows)
        elif rows.reference_file or not windows & held.keys():
            read.append(rows)
        else:
            condition = _stands_in(rows, held)
            read.append(_only(rows, f"NOT coalesce({condition}, false)"))
            rest.append(_only(rows, condition))
    return read, rest


def _stands_in(rows: Rows, held: Collection[Key]) -> str:
    """SQL: whether a row lies in one of these windows."""
    named = ", ".join(text(key) if isinstance(key, str) else str(key) for key in held if key != REFERENCE)
    windows = f"NOT {rows.is_reference()} AND {rows.window()} IN ({named})" if named else "false"
    return f"({rows.is_reference()} OR ({windows}))" if REFERENCE in held else f"({windows})"


def _only(rows: Rows, condition: str) -> Rows:
    relation_ = f"(SELECT * FROM {rows.source.relation} r WHERE {condition})"
    return replace(rows, source=replace(rows.source, relation=relation_))


def _label_marks(session: Session, readings: Sequence[Rows]) -> dict[Key, str]:
    """What was joined from files of outcomes, by window: how many, and a sum of hashes of id and outcome."""
    found: dict[Key, tuple[int, int]] = {}
    for rows in readings:
        asked = (
            f"SELECT {rows.is_reference()} AS reference, {safe_window(rows)} AS w, count(*), "
            f"sum(CAST(hash({rows.word(rows.spec.id or '')}, j.label) AS HUGEINT)) "
            f"FROM {relation(rows)} WHERE j.label IS NOT NULL GROUP BY ALL"
        )
        for reference, window, count, total in session.rows(asked):
            key = REFERENCE if reference else window
            before = found.get(key, (0, 0))
            if count and key is not None:  # a row of no window is set aside
                found[key] = (before[0] + count, before[1] + int(total))
    return {key: f"{count}:{total}" for key, (count, total) in found.items()}
