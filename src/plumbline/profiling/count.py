"""Count a prediction log: files in, one profile a window out, every row either counted or quarantined by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.domain.results import REFERENCE
from plumbline.profiling.assemble import Counted, WindowCounts, assemble
from plumbline.profiling.bins import CategoricalBins, Grid, NumericBins
from plumbline.profiling.columns import Column
from plumbline.profiling.count_classes import class_weights, count_classes
from plumbline.profiling.count_columns import count_numbers, count_values, count_words, weigh_numbers
from plumbline.profiling.count_scores import count_scores, counted_here
from plumbline.profiling.domain_sample import domain_scores
from plumbline.profiling.freeze import freeze
from plumbline.profiling.known import Known
from plumbline.profiling.opening import Only, open_log
from plumbline.profiling.parts import Key, Part, prepare
from plumbline.profiling.profile import LABEL, SCORE
from plumbline.profiling.session import Session, open_session, together
from plumbline.profiling.sources import reading
from plumbline.profiling.splitting import split_by_window
from plumbline.profiling.taking_over import counted_files, mark_files, take_over, vouched
from plumbline.profiling.weights import weighed_grid

__all__ = ["Counted"]

MEMORY = 300  # megabytes of DuckDB's part
TOGETHER = 8  # most columns of one reading
Progress = Callable[[int, int, str], None]
_Counts = dict[Key, WindowCounts]
_Read = TypeVar("_Read")


def count(
    spec: LogSpec,
    *,
    model_id: str,
    version_id: str,
    log: Sequence[str | Path],
    reference: Sequence[str | Path] = (),
    labels: Sequence[str | Path] = (),
    memory: int = MEMORY,
    progress: Progress | None = None,
    known: Known | None = None,
    now: datetime | None = None,
    only: Only | None = None,
) -> Counted:
    """Profiles of the reference and of each window, in order of time.

    `known` is what an earlier run counted: of its windows, those whose sources are unchanged are not read again.

    `now` is the moment of the run; rows with a later time are set aside. `only` counts the rows of one segment, as if
    the log held no others; an id that came before in another segment is then no duplicate.

    `progress` is told the rows counted so far, the rows in all, and what was done.

    Raises:
        LogError: the log cannot be trusted at all; nothing was changed.
    """
    with open_session(memory) as session, reading([*log, *reference, *labels]):
        marks = mark_files([*log, *reference, *labels])
        same = vouched(known, marks)
        before = known.windows.get(REFERENCE) if known else None
        digests = {path: file.digest for path, file in same.items()}
        opened = open_log(session, spec, log, reference, labels, digests, before.grid if before else None, now, only)
        kept = take_over(session, opened, known, same)
        prepared = prepare(session, kept.readings, held=kept.profiles)
        # From here on two readers are at work: a thread of the engine's own would only take turns with them.
        session.run("SET GLOBAL threads = 1")
        grid = kept.grid or freeze(
            session, [part for part in prepared.parts if part.reference], opened.spec, opened.numeric, opened.words
        )
        parts = split_by_window(session, prepared.parts)
        found = _count_parts(session, parts, opened.spec, grid, progress)
        sizes = {key: span.rows for key, span in prepared.spans.items()}
        sizes |= {key: profile.rows for key, profile in kept.profiles.items()}
        for key, scores in domain_scores(session, opened, grid, parts, sizes).items():
            found.setdefault(key, WindowCounts()).domain = scores
    counted = assemble(opened, prepared, grid, found, model_id, version_id, kept)
    return replace(counted, files=counted_files(opened, prepared, kept, marks))


def _count_parts(
    session: Session, parts: Sequence[Part], spec: LogSpec, grid: Grid, progress: Progress | None
) -> _Counts:
    """Every column and the scores of every part."""
    found: _Counts = {}
    tasks = [(part, task) for part in parts for task in _every_task(session, part, spec, grid)]
    told = _Told(tasks, progress)
    for (part, _), counts in zip(tasks, together([task for _, task in tasks]), strict=True):
        for key, each in counts.items():
            found.setdefault(key, WindowCounts()).add(each)
        told.done(part)
    return found


class _Told:
    """Progress in rows: a part's rows are shared out over its tasks; a window is done with its last part."""

    def __init__(self, tasks: Sequence[tuple[Part, object]], progress: Progress | None) -> None:
        self.progress = progress
        self.tasks, self.left = Counter(id(part) for part, _ in tasks), Counter(id(part) for part, _ in tasks)
        parts = {id(part): part for part, _ in tasks}
        self.windows = Counter(key for part in parts.values() for key in part.keys)
        self.total, self.rows, self.every = sum(part.size for part in parts.values()), 0.0, len(self.windows)

    def done(self, part: Part) -> None:
        self.rows += part.size / self.tasks[id(part)]
        self.left[id(part)] -= 1
        if not self.left[id(part)]:
            self.windows.subtract(part.keys)
        if self.progress:
            windows = sum(not left for left in self.windows.values())
            self.progress(round(self.rows), self.total, f"{windows} of {self.every} windows")


def _every_task(session: Session, part: Part, spec: LogSpec, grid: Grid) -> list[Callable[[], _Counts]]:
    """By row and, where the model file names a weight, once more by weight."""
    rows = _tasks(session, part, spec, grid)
    if not spec.weight:
        return rows
    weighed = replace(part, weight=part.rows.weight(grid.units["weight"]))
    return [*rows, *(partial(_weighed, task) for task in _tasks(session, weighed, spec, weighed_grid(grid)))]


def _weighed(task: Callable[[], _Counts]) -> _Counts:
    return {key: WindowCounts(weighed=counts) for key, counts in task().items()}


def _tasks(session: Session, part: Part, spec: LogSpec, grid: Grid) -> list[Callable[[], _Counts]]:
    columns = {name: bins for name, bins in grid.columns.items() if name not in counted_here(spec, grid)}
    read = {name: (_expression(part, spec, name, bins), bins) for name, bins in columns.items()}
    words = {name: (sql, bins) for name, (sql, bins) in read.items() if isinstance(bins, CategoricalBins)}
    numbers = {name: (sql, bins) for name, (sql, bins) in read.items() if isinstance(bins, NumericBins)}
    few = {name: each for name, each in numbers.items() if each[1].kind == "value" and not part.weight}
    fine = {name: each for name, each in numbers.items() if name not in few}
    by_row = partial(weigh_numbers, unit=grid.units["one"]) if part.weight else count_numbers
    return [
        partial(_scores, session, part, spec, grid),
        *(partial(_columns, by_row, session, part, some) for some in _parted(fine)),
        *(partial(_columns, count_words, session, part, some) for some in _parted(words)),
        *(partial(_columns, count_values, session, part, some) for some in _parted(few)),
    ]


def _parted(columns: dict[str, _Read]) -> list[dict[str, _Read]]:
    """As few readings as may be, of about equal size."""
    names = list(columns)
    readings = -(-len(names) // TOGETHER)
    return [{name: columns[name] for name in names[at::readings]} for at in range(readings)]


def _columns(count: Callable[..., dict[Key, dict[str, Column]]], *given: object) -> _Counts:
    return {key: WindowCounts(columns=each) for key, each in count(*given).items()}


def _scores(session: Session, part: Part, spec: LogSpec, grid: Grid) -> _Counts:
    if spec.task is Task.MULTICLASS:
        classes = count_classes(session, part, spec, grid)
        found = {key: WindowCounts(classes=each) for key, each in classes.items()}
        weights = class_weights(session, part, spec, grid) if part.weight else {}
        for key, (total, total_sq, squares) in weights.items():
            counts = found.setdefault(key, WindowCounts())
            counts.total, counts.total_sq, counts.squares = total, total_sq, squares
        return found
    return count_scores(session, part, spec, grid)


def _expression(part: Part, spec: LogSpec, name: str, bins: NumericBins | CategoricalBins) -> str:
    rows = part.rows
    if name == LABEL:
        return rows.label() if isinstance(bins, NumericBins) else rows.label_word()
    for label, column in spec.classes.items():
        if name == f"{SCORE}[{label}]":
            return rows.number(column)
    return rows.word(name) if isinstance(bins, CategoricalBins) else rows.number(name)
