"""What a model file says about its prediction log: columns, scores, outcomes, windows, populations."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from plumbline.domain.house_metric import HouseMetric, read_metrics
from plumbline.domain.toml_table import Table


class Task(StrEnum):
    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


class ScoreKind(StrEnum):
    PROBABILITY = "probability"
    POINTS = "points"
    VALUE = "value"  # regression


DOMAIN_ROWS = (500, 50_000)  # fewer tell nothing; more cost time and tell no more
CALENDAR = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSpec:
    """`[log]` and `[[metrics]]` of a model file; None or empty where the file says nothing."""

    task: Task
    score: str | None
    classes: dict[str, str]  # multiclass: class -> its score's column
    score_kind: ScoreKind
    score_range: tuple[float, float] | None
    higher_is: str  # riskier, safer
    id: str | None = None
    timestamp: str | None = None
    label: str | None = None
    label_time: str | None = None
    threshold: float | None = None
    decision_column: str | None = None
    favourable: int = 1
    window: str = "month"  # one of CALENDAR, or "" when window_column rules
    window_column: str | None = None
    reference_column: str | None = None
    reference_equals: str | None = None
    label_maturity_days: int | None = None
    weight: str | None = None
    numeric: tuple[str, ...] | None = None
    categorical: tuple[str, ...] | None = None
    segments: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    intersections: tuple[tuple[str, ...], ...] = ()
    sample: str | None = None
    amount: str | None = None
    cohort: str | None = None
    override: str | None = None
    cost: str | None = None
    value: dict[str, float] | str | None = None
    label_seen_when: int | None = None
    reference_group: dict[str, str] | None = None
    metrics: tuple[HouseMetric, ...] = ()
    domain_rows: int | None = None  # rows a side by which windows are told from the reference, all features at once

    @property
    def decides(self) -> bool:
        """Whether the log says what was decided, by threshold or by column."""
        return self.threshold is not None or self.decision_column is not None

    @property
    def counted_metrics(self) -> tuple[HouseMetric, ...]:
        """The house's own metrics, and overriding where the log tells of it."""
        if self.override is None:
            return self.metrics
        return (*self.metrics, HouseMetric(key="override_rate", direction="lower", mean_of=self.override))

    @property
    def slices(self) -> dict[str, tuple[str, ...]]:
        """How populations are cut: segments, groups, intersections; name ("sex", "sex*race") -> its columns."""
        named = {column: (column,) for column in (*self.segments, *self.groups)}
        return named | {"*".join(columns): columns for columns in self.intersections}

    @property
    def role_columns(self) -> tuple[str, ...]:
        """Columns with a part of their own: never taken for features when features are inferred."""
        named = (
            *(self.score, self.id, self.timestamp, self.label, self.label_time, self.decision_column),
            *(self.window_column, self.reference_column, self.weight, self.sample, self.cohort, self.override),
            *(self.cost, self.value if isinstance(self.value, str) else None),
        )
        return (*(name for name in named if name), *self.classes.values())


def parse_log(table: Table, task: Task, metrics: tuple[Table, ...]) -> LogSpec:
    """`[log]` of a model file.

    Raises:
        LogError: an unknown key, a value of the wrong type, or a combination that cannot be counted.
    """
    score, classes = _score(table, task)
    kind, span, higher_is = _score_kind(table, task)
    window, window_column = _window(table)
    threshold, decision_column = _decision(table, task)
    reference = _column_equals(table, "reference")
    value = table.raw("value")
    spec = LogSpec(
        **{key: table.optional(key) for key in ("id", "timestamp", "label", "label_time", "weight", "sample")},
        **{key: table.optional(key) for key in ("amount", "cohort", "override", "cost")},
        task=task,
        score=score,
        classes=classes,
        score_kind=kind,
        score_range=span,
        higher_is=higher_is,
        threshold=threshold,
        decision_column=decision_column,
        favourable=_bit(table, "favourable", 1),
        window=window,
        window_column=window_column,
        reference_column=reference[0],
        reference_equals=reference[1],
        label_maturity_days=_days(table),
        numeric=table.texts("numeric") if table.has("numeric") else None,
        categorical=table.texts("categorical") if table.has("categorical") else None,
        segments=table.texts("segments"),
        groups=table.texts("groups"),
        intersections=_intersections(table),
        value=value if isinstance(value, str) else _value(table),
        label_seen_when=_seen_when(table),
        reference_group=_names(table, "reference_group"),
        metrics=read_metrics(metrics),
        domain_rows=table.between("domain_rows", *DOMAIN_ROWS),
    )
    table.close()
    _countable(table, spec)
    return spec


def check_sense(table: Table, spec: LogSpec) -> None:
    """LogError for what can be counted and cannot be meant; asked of a new file, not of what the register holds."""
    low, high = spec.score_range or (-math.inf, math.inf)
    if spec.threshold is not None and not low <= spec.threshold <= high:
        what = f"threshold {spec.threshold:g} lies outside the scores, {low:g} to {high:g}"
        raise table.refuse("decision", what, "Write it on the scale of the scores: 0.5, not 50.")
    numeric, categorical = spec.numeric or (), spec.categorical or ()
    parts = {spec.score, spec.label, spec.id, spec.timestamp} & {*numeric, *categorical}
    if parts:
        named = min(filter(None, parts))
        what = f"'{named}' has a part of its own (score, outcome, id or time), and is listed as a feature"
        raise table.refuse("numeric, categorical", what, "Take it out of the list.")
    both = sorted({*numeric} & {*categorical})
    if both:
        raise table.refuse("numeric, categorical", f"'{both[0]}' is in both", "It is a number or a category.")


def _countable(table: Table, spec: LogSpec) -> None:
    if spec.label_seen_when is not None and spec.task is not Task.MULTICLASS and not spec.decides:
        what = "names a decision of 0 or 1, and the log tells none"
        raise table.refuse("label_seen_when", what, "Add decision = { ... }.")
    if spec.timestamp is None and spec.window_column is None:
        raise table.refuse("timestamp", "is missing", "Name the column of times, or window = { column = ... }.")


def _score(table: Table, task: Task) -> tuple[str | None, dict[str, str]]:
    if task is not Task.MULTICLASS:
        return table.text("score"), {}
    inner = table.table("score")
    if inner is None:
        raise table.refuse(
            "score", "is missing", 'A multiclass model names a column a class: { a = "p_a", b = "p_b" }.'
        )
    classes = {name: inner.text(name) for name in inner.names()}
    if len(classes) < 2:
        raise table.refuse("score", "names fewer than two classes", "Name a column for every class.")
    if len(set(classes.values())) < len(classes):
        raise table.refuse("score", "names one column for two classes", "Name a column of its own for every class.")
    return None, classes


def _score_kind(table: Table, task: Task) -> tuple[ScoreKind, tuple[float, float] | None, str]:
    if task is Task.REGRESSION:
        table.choice("score_kind", [ScoreKind.VALUE.value], ScoreKind.VALUE.value)
        return ScoreKind.VALUE, _span(table), "riskier"
    kind = ScoreKind(table.choice("score_kind", ["probability", "points"], "probability"))
    span = _span(table)
    higher_is = table.choice("higher_is", ["riskier", "safer"], "riskier")
    if kind is ScoreKind.POINTS and (span is None or not table.has("higher_is")):
        raise table.refuse("score_kind", "points need score_range and higher_is", "For example [300, 850] and 'safer'.")
    return kind, (0.0, 1.0) if kind is ScoreKind.PROBABILITY else span, higher_is


def _span(table: Table) -> tuple[float, float] | None:
    value = table.raw("score_range")
    if value is None:
        return None
    numbers = isinstance(value, list) and len(value) == 2 and all(type(item) in (int, float) for item in value)
    if not numbers or not -math.inf < value[0] < value[1] < math.inf:
        raise table.refuse("score_range", f"is {value!r}, not [low, high]", "For example score_range = [300, 850].")
    return float(value[0]), float(value[1])


def _window(table: Table) -> tuple[str, str | None]:
    inner = table.table("window") if isinstance(table.raw("window"), dict) else None
    if inner is not None:
        column = inner.text("column")
        inner.close()
        return "", column
    return table.choice("window", CALENDAR, "month"), None


def _decision(table: Table, task: Task) -> tuple[float | None, str | None]:
    inner = table.table("decision")
    if inner is None:
        return None, None
    threshold, column = inner.number("threshold"), inner.optional("column")
    inner.close()
    if (threshold is None) == (column is None):
        raise table.refuse("decision", "needs one of threshold and column", "decision = { threshold = 0.5 }.")
    if threshold is not None and task is Task.MULTICLASS:
        raise table.refuse("decision", "has a threshold, but there are several scores", "Name a column of decisions.")
    return threshold, column


def _column_equals(table: Table, key: str) -> tuple[str | None, str | None]:
    inner = table.table(key)
    if inner is None:
        return None, None
    column, value = inner.text("column"), inner.raw("equals")
    inner.close()
    if value is None:
        raise table.refuse(
            key, "does not say what the column equals", f'{key} = {{ column = "split", equals = "..." }}.'
        )
    return column, str(value).lower() if isinstance(value, bool) else str(value)


def _bit(table: Table, key: str, default: int) -> int:
    value = table.whole(key, default)
    if value not in (0, 1):
        raise table.refuse(key, f"is {value}", "It is a decision: 0 or 1.")
    return value


def _days(table: Table) -> int | None:
    text = table.optional("label_maturity")
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,4})\s*([dw])", text)
    if not found:
        raise table.refuse("label_maturity", f"is {text!r}", "Write days or weeks: '90d' or '12w'.")
    return int(found[1]) * (7 if found[2] == "w" else 1)


def _intersections(table: Table) -> tuple[tuple[str, ...], ...]:
    value = table.raw("intersections")
    if value is None:
        return ()
    lists = isinstance(value, list) and all(isinstance(item, list) and len(item) >= 2 for item in value)
    if not lists or not all(isinstance(name, str) for item in value for name in item):
        raise table.refuse("intersections", f"is {value!r}", 'Write [["sex", "race"]].')
    return tuple(tuple(item) for item in value)


def _value(table: Table) -> dict[str, float] | None:
    inner = table.table("value")
    if inner is None:
        return None
    found = {key: inner.number(key) or 0.0 for key in ("tp", "fp", "fn", "tn")}
    inner.close()
    return found


def _seen_when(table: Table) -> int | None:
    inner = table.table("label_seen_when")
    if inner is None:
        return None
    decision = _bit(inner, "decision", 1)
    inner.close()
    return decision


def _names(table: Table, key: str) -> dict[str, str] | None:
    inner = table.table(key)
    return None if inner is None else {name: inner.text(name) for name in inner.names()}
