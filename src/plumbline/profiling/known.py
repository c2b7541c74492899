"""What an earlier run counted and a later one need not read again, and the marks that tell whether it still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from plumbline import __version__
from plumbline.domain.chain import canonical_json, sha256
from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.profile import Profile
from plumbline.profiling.weights import BITS

# Another version may bin or sum otherwise: what it counted is read again.
COUNTED_BY = f"plumbline {__version__}, duckdb {duckdb.__version__}"
# Said in [log], but of no weight for what is counted.
_OF_JUDGEMENT = ("favourable", "reference_group", "label_maturity_days")
# What came to be counted later, oldest first.
LATER = {Task.REGRESSION: ("deviance", "losses by band"), Task.MULTICLASS: ("chosen",)}
_TAIL = 65_536  # bytes; a Parquet file's own table of contents stands there, with the extremes of every column


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedFile:
    """One file of a run. `windows`: labels of all windows that it has rows in, counted or set aside; "reference" too.

    `digest` is of the whole content, `quick` the mark by which an unchanged file is known without reading it;
    `unplaced` counts rows that no window could be found for, by reason.
    """

    name: str
    role: str  # log, reference, labels
    digest: str
    quick: str
    windows: tuple[str, ...] = ()
    unplaced: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one run counted: profiles by window (the reference included) and all the files that they came from.

    `runs` names the run that first stored each profile; `labels` marks, by window, the outcomes that were joined
    from files of their own.
    """

    files: tuple[CountedFile, ...]
    windows: Mapping[str, Profile]
    runs: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)


def quick_mark(path: Path) -> str:
    """A mark of a file's place, size, time of change and last bytes.

    It costs next to nothing and can be fooled: by whoever changes the inside of a file, keeps its size and sets its
    time back. `monitor --recount` trusts nothing.
    """
    status = path.stat()
    with path.open("rb") as stream:
        stream.seek(max(status.st_size - _TAIL, 0))
        tail = hashlib.sha256(stream.read()).hexdigest()
    return sha256(f"{path.resolve()}\n{status.st_size}\n{status.st_mtime_ns}\n{tail}")


def spec_mark(spec: LogSpec) -> str:
    """A mark of all in [log] and [[metrics]] that decides what is counted, and of what is counted today."""
    return _mark(spec, LATER.get(spec.task, ()))


def spec_marks(spec: LogSpec) -> frozenset[str]:
    """That mark, and those of profiles that were counted alike before there was as much to count: they lack some
    figures and are good for the others.
    """
    later = LATER.get(spec.task, ())
    return frozenset(_mark(spec, later[:known]) for known in range(len(later) + 1))


def _mark(spec: LogSpec, counted: tuple[str, ...]) -> str:
    told = {name: value for name, value in asdict(spec).items() if name not in _OF_JUDGEMENT}
    if spec.domain_rows is None:
        del told["domain_rows"]  # a log that does not ask for it is marked as before anybody could
    if spec.weight:
        told["weight"] = [spec.weight, BITS]  # there was a time when a weight was named and every row counted once
    if counted:
        told["sums"] = counted
    return sha256(canonical_json(told))
