"""The passport of one figure: everything that it was made of and judged by, so that anybody may make it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from plumbline.domain.results import Result
from plumbline.services.views import figures
from plumbline.services.views.by_window import MetricWords
from plumbline.services.views.status import marked

Facts = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The rows of one window that a figure rests on, from the profile that counted them.

    `quarantine` counts rows set aside, by reason; `population` the rows of the figure's own segment or group;
    `without_value` those of its column that hold none; `weighed` where figures are by weight.
    """

    window: str
    start: datetime | None
    end: datetime | None
    first_time: datetime | None
    last_time: datetime | None
    rows: int
    quarantine: tuple[tuple[str, int], ...]
    population: int
    labelled: int | None
    without_value: int | None
    weighed: bool

    @property
    def rows_in(self) -> int:
        return self.rows + sum(count for _, count in self.quarantine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """How values were counted; shares of rows by decile or level, on the reference and in the window."""

    kind: str
    grid: str
    labels: tuple[str, ...] = ()
    reference: tuple[float, ...] = ()
    current: tuple[float, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseWords:
    """One clause of the policy: what amber and red take, from how many rows, on whose word."""

    id: str
    held: str
    amber: str
    red: str
    proof: str
    minimum: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the figure was judged by; clauses are those of the policy in force, `in_force` whether it is the same."""

    clauses: tuple[ClauseWords, ...]
    levels: tuple[tuple[str, str], ...]
    pack: str
    version: str
    owner: str
    effective: date
    digest: str
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How many p-values were corrected together, and how; one means that there was nothing to correct."""

    size: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who brought the figure into the store, when, and with which version of the product."""

    result_id: str
    run_id: str
    recorded_at: datetime
    recorded_by: str
    app_version: str
    source: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one run knew of the same figure, and when."""

    recorded_at: datetime
    label_share: float | None
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    verdict: str
    result_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """`window` and `reference` are None where no stored bytes give the hash that the run measured by."""

    model_id: str
    version: str
    subject: str
    metric: MetricWords
    bounds: str
    source: str
    result: Result
    family: Family
    window: Sample | None
    window_sha256: str
    reference: Sample | None
    reference_sha256: str
    bins: Bins | None
    rule: Rule
    origin: Origin
    known: tuple[Known, ...]
    superseded: bool

    @property
    def title(self) -> str:
        return f"{self.metric.title}, {self.subject}, {figures.window_words(self.result.window.label)}"


@dataclass(frozen=True, slots=True)
class Digits:
    """One field of a figure as it is stored, and as it was made again: every digit of both."""

    field: str
    stored: str
    again: str

    @property
    def same(self) -> bool:
        return self.stored == self.again


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """A figure made again from the stored profiles; `why_not` says why it could not be."""

    at: datetime
    digits: tuple[Digits, ...] = ()
    why_not: str = ""
    note: str = ""

    @property
    def same(self) -> bool:
        return bool(self.digits) and all(each.same for each in self.digits)


def figure(view: Passport) -> Facts:
    """The figure with its interval, its test and what binning may cost."""
    m, words = view.result.measurement, view.metric
    found = {
        "Estimate": words.figure(m.estimate),
        "Interval": words.span(m.low, m.high) + ("" if m.confidence is None else f", {100 * m.confidence:.0f} %"),
        "Method": m.method,
        "Rows behind it": figures.count(m.n),
        "Events": "" if m.events is None else figures.count(m.events),
        "On the reference": "" if m.reference is None else words.figure(m.reference),
        "Rows on the reference": "" if m.n_reference is None else figures.count(m.n_reference),
        "Change": "" if m.effect is None else words.change(m.effect),
        "p": "" if m.p_value is None else _p(m.p_value),
        "p, corrected": "" if m.p_adjusted is None else f"{_p(m.p_adjusted)}: {view.family.words}",
        "What binning may cost": "" if m.error_bound is None else f"at most {figures.figure(m.error_bound)}",
        "Labels in": "" if m.label_share is None else figures.figure(m.label_share, "share"),
    }
    return {name: value for name, value in found.items() if value}


def _p(value: float) -> str:
    """
    >>> _p(1e-30), _p(0.0312)
    ('under 0.000001', '0.0312')
    """
    return "under 0.000001" if value < 1e-6 else figures.significant(value)


def definition(view: Passport) -> Facts:
    """What the figure means and how it is made, as the registry has it."""
    better = {"higher": "higher", "lower": "lower"}.get(view.metric.direction, "neither way")
    return {
        "Formula": view.metric.definition,
        "Source": view.source,
        "Range": view.bounds,
        "Better": better,
        "Key": view.metric.key,
    }


def samples(view: Passport) -> list[Facts]:
    """The window and the reference side by side."""
    sides = {
        "Window": _sample(view.window) | _hash(view.window_sha256, view.window),
        "Reference": _sample(view.reference) | _hash(view.reference_sha256, view.reference),
    }
    fields = dict.fromkeys(field for side in sides.values() for field in side)
    return [{"Sample": field} | {name: side.get(field, "") for name, side in sides.items()} for field in fields]


def _hash(sha256: str, one: Sample | None) -> Facts:
    if not sha256:
        return {"Profile": "the run left no account of it"}
    return {"Profile": sha256 if one else f"{sha256}, but no stored bytes give this hash any more"}


def _sample(one: Sample | None) -> Facts:
    if one is None:
        return {}
    found = {
        "Bounds": _bounds(one),
        "Rows in": figures.count(one.rows_in),
        **{f"Set aside: {reason}": figures.count(count) for reason, count in one.quarantine},
        "Set aside": "" if one.quarantine else "none",
        "Rows counted": figures.count(one.rows) + (", by weight" if one.weighed else ""),
        "Rows of this population": "" if one.population == one.rows else figures.count(one.population),
        "Without a value in this column": "" if one.without_value is None else figures.count(one.without_value),
        "With a known outcome": "" if one.labelled is None else figures.count(one.labelled),
    }
    return {field: value for field, value in found.items() if value}


def _bounds(one: Sample) -> str:
    first, last = (one.start, one.end) if one.start and one.end else (one.first_time, one.last_time)
    if first is None or last is None:
        return "no times in the log"
    joint = "to before" if one.start else "to"
    return f"{_moment(first)} {joint} {_moment(last)}"


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%b %Y %H:%M} UTC"


def bins(view: Bins) -> list[Facts]:
    return [
        {
            "Bin": label,
            "Reference": figures.figure(before, "share"),
            "Window": figures.figure(after, "share"),
            "Change": figures.change(after - before, "share"),
        }
        for label, before, after in zip(view.labels, view.reference, view.current, strict=True)
    ]


def clauses(view: Rule) -> list[Facts]:
    return [
        {
            "Clause": one.id,
            "Held against": one.held,
            "Amber": one.amber,
            "Red": one.red,
            "Shown real by": one.proof,
            "From": one.minimum,
            "Source": one.source,
        }
        for one in view.clauses
    ]


def known(view: Passport) -> list[Facts]:
    """The same figure as each run knew it, the newest first: labels come in, intervals narrow."""
    words = view.metric
    return [
        {
            "Recorded": _moment(one.recorded_at),
            "Labels in": "" if one.label_share is None else figures.figure(one.label_share, "share"),
            words.title: words.figure(one.estimate),
            "Its interval": words.span(one.low, one.high),
            "Rows": figures.count(one.n),
            "Verdict": one.verdict,
        }
        for one in reversed(view.known)
    ]


def verdict(view: Passport) -> str:
    return marked(view.result.verdict.level)
