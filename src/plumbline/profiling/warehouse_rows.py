"""How a warehouse table's columns read as times, scores, outcomes and decisions: Ibis expressions, one a role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

import ibis

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.domain.results import REFERENCE
from plumbline.profiling.profile import JOIN, MISSING, NEGATIVE, POSITIVE, UNKNOWN
from plumbline.profiling.rows import FUTURE, TAKEN
from plumbline.profiling.warehouse_numbers import Expression, absent, finite, real, rounded
from plumbline.profiling.weights import MOST

LATER = "later_label"  # outcomes of a table of their own, joined by id
_NUMBER = r"^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})? *$"
_ODD = {"nan": "nan", "inf": "inf", "infinity": "inf", "-inf": "-inf", "-infinity": "-inf"}
_CLOCK = r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
_DAY = (
    r"^[1-9][0-9]{3}-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|"
    r"((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8])))"
)
_LEAP_DAY = r"^([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29"


@dataclass(frozen=True, slots=True)
class TableRows:
    """The reading of one table: the same roles, reasons and order of reasons as for a file."""

    spec: LogSpec
    name: str
    table: Expression
    joined: bool = False
    reference_table: bool = False
    until: date | None = None  # the last day that a row of the log can lie in

    def of(self, table: Expression) -> TableRows:
        """The same reading of some of the rows."""
        return replace(self, table=table)

    def require(self, column: str, role: str) -> None:
        """Refuse the table when the column is not there.

        Raises:
            LogError: names the table, the column and the nearest one that is there.
        """
        if column in self.table.columns:
            return
        near = get_close_matches(column, self.table.columns, n=1)
        hint = f"Did you mean '{near[0]}'? " if near else ""
        raise LogError(
            f"There is no column '{column}'",
            where=f"table {self.name}",
            remedy=f"{hint}Name the {role} column in the model file.",
        )

    def is_text(self, column: str) -> bool:
        return bool(self.table[column].type().is_string())

    def is_plain(self, column: str) -> bool:
        """Whether the column is a number without parsing."""
        kind = self.table[column].type()
        return bool(kind.is_numeric() or kind.is_boolean())

    def number(self, column: str) -> Expression:
        """A double; text is parsed, true and false are 1 and 0."""
        value, kind = self.table[column], self.table[column].type()
        if kind.is_string():
            return _parsed(value)
        if kind.is_boolean():
            return value.cast("int32").cast("float64")
        return value.cast("float64")

    def word(self, column: str) -> Expression:
        """Text, written alike by every engine for texts, whole numbers, booleans, dates and whole doubles."""
        value, kind = self.table[column], self.table[column].type()
        if kind.is_string():
            return value
        if kind.is_boolean():
            return ibis.cases((value, "true"), (~value, "false"))
        if kind.is_floating():
            # Engines differ on 1.0: "1.0" or "1".
            real_value = value.cast("float64")
            whole = (real_value.abs() < real(1e15)) & (real_value == real_value.round().cast("float64"))
            spelled = real_value.round().cast("int64").cast("string").concat(".0")
            return ibis.cases((finite(real_value) & whole, spelled), else_=value.cast("string"))
        return value.cast("string")

    def time(self) -> Expression:
        """A timestamp in UTC; without an offset a time is taken as UTC; null where there is none."""
        column = self.spec.timestamp
        if column is None or (self.reference_table and column not in self.table.columns):
            return ibis.null("timestamp")
        value, kind = self.table[column], self.table[column].type()
        if kind.is_string():
            there = value.re_search(_DAY + _CLOCK) | value.re_search(_LEAP_DAY + _CLOCK)
            return ibis.cases((there, value.cast("timestamp('UTC')")))
        if kind.is_date():
            return value.cast("timestamp")
        if kind.is_timestamp():
            # An infinite time has no year, and a year past 9999 no date in Python.
            known = (value >= ibis.timestamp("0001-01-02 00:00:00")) & (value < ibis.timestamp("9999-12-31 00:00:00"))
            return ibis.cases((known, value))
        raise LogError(
            f"Column '{column}' holds {kind}, not times",
            where=f"table {self.name}",
            remedy="Make a view with a timestamp column.",
        )

    def window(self) -> Expression:
        """The window's number (`windows.window_of` turns it back), or its own text."""
        if self.spec.window_column:
            return self.word(self.spec.window_column).nullif("").nullif(REFERENCE)
        time = self.time()
        day = time.date().epoch_days()
        number = {
            "day": lambda: day,
            # 719162 days lie between the Monday 0001-01-01 and 1970-01-01, so whole division meets no negative day.
            "week": lambda: ((day + 719_162).cast("float64") / real(7.0)).floor(),
            # Whole numbers first: PostgreSQL's parts of a time are decimals, slow to reckon with.
            "month": lambda: time.year().cast("int64") * 12 + time.month().cast("int64") - 1,
            "quarter": lambda: time.year().cast("int64") * 4 + time.quarter().cast("int64") - 1,
            "year": time.year,
        }[self.spec.window]()
        return number.cast("int64")

    def weight(self, unit: float) -> Expression:
        """How many whole units a row counts for, as for files; those of a table that can be counted at all."""
        value = self.number(self.spec.weight or "")
        some = (rounded(value * real(1.0 / unit)), (value * real(1.0 / unit)).floor())
        most = real(float(MOST))
        cases = ((value < real(2.0**51 * unit), some[0]), (value < real(MOST * unit), some[1]))
        return ibis.cases(*cases, else_=most).cast("int64")

    def is_reference(self) -> Expression:
        if self.reference_table:
            return ibis.literal(True)
        column, value = self.spec.reference_column, self.spec.reference_equals
        if column is None or value is None:
            return ibis.literal(False)
        return ibis.coalesce(self.word(column) == value, ibis.literal(False))

    def label_word(self) -> Expression:
        """The outcome as text, null when not known."""
        column = self.spec.label
        own = self.word(column) if column and column in self.table.columns else ibis.null("string")
        return ibis.coalesce(self.table[LATER], own) if self.joined else own

    def label(self) -> Expression:
        """The outcome as a double; null when not known, NaN included."""
        value = self.number(self.spec.label or "") if self._label_is_plain() else _flag(self.label_word())
        return ibis.cases((~value.isnan(), value))

    def _label_is_plain(self) -> bool:
        column = self.spec.label
        return not self.joined and column in self.table.columns and self.is_plain(column or "")

    def outcome(self) -> Expression:
        """NEGATIVE, POSITIVE or UNKNOWN; regression knows NEGATIVE (known) and UNKNOWN."""
        value = self.label()
        cases = [(value.isnull(), UNKNOWN)]
        if self.spec.task is not Task.REGRESSION:
            cases.append((value == real(1.0), POSITIVE))
        return ibis.cases(*cases, else_=NEGATIVE).cast("int64")

    def decision(self) -> Expression:
        """1, 0, or 2 where no decision is known."""
        spec = self.spec
        if spec.threshold is not None and spec.score:
            score = self.number(spec.score)
            return ibis.cases((score.isnull(), 2), (score >= real(spec.threshold), 1), else_=0).cast("int64")
        if spec.decision_column is None:
            return ibis.literal(2, type="int64")
        flag = self._flag(spec.decision_column)
        return ibis.cases((flag == real(1.0), 1), (flag == real(0.0), 0), else_=2).cast("int64")

    def slice_value(self, columns: tuple[str, ...]) -> Expression:
        """The value of a segment, group or intersection; a null is "(missing)"."""
        first, *others = (ibis.coalesce(self.word(each), ibis.literal(MISSING)) for each in columns)
        for each in others:
            first = first.concat(JOIN, each)
        return first

    def reason(self) -> Expression:
        """Why the row cannot be counted, null when it can; the first reason that holds."""
        cases = [*self._time_cases(), *self._score_cases(), *self._label_cases()]
        if self.spec.decision_column:
            flag = self._flag(self.spec.decision_column)
            held = ~absent(self.table[self.spec.decision_column])
            broken = held & (flag.isnull() | ~((flag == real(0.0)) | (flag == real(1.0))))
            cases.append((broken, "decision other than 0 and 1"))
        if self.spec.weight:
            weight = self.number(self.spec.weight)
            usable = ibis.coalesce(finite(weight) & (weight >= real(0.0)), ibis.literal(False))
            cases.append((~usable, "weight not usable"))
        return ibis.cases(*cases) if cases else ibis.null("string")

    def blamed(self, reason: str) -> str | None:
        """The column that a reason speaks of."""
        spec = self.spec
        named = {"time": spec.timestamp, "window": spec.window_column, "label": spec.label}
        named |= {"decision": spec.decision_column, "weight": spec.weight}
        return named.get(reason.split()[0], spec.score)

    def _flag(self, column: str) -> Expression:
        return _flag(self.table[column]) if self.is_text(column) else self.number(column)

    def _time_cases(self) -> list[tuple[Expression, str]]:
        if self.reference_table:
            return []
        # A row of the reference stands in no window, so its time may be anything.
        log = ~self.is_reference()
        if self.spec.window_column:
            taken = ibis.coalesce(self.word(self.spec.window_column) == REFERENCE, ibis.literal(False))
            return [(log & taken, TAKEN), (log & self.window().isnull(), "window missing")]
        raw = self.table[self.spec.timestamp or ""]
        cases = [(log & raw.isnull(), "time missing"), (log & self.time().isnull(), "time not parsable")]
        ahead = [(log & (self.time().date() > ibis.date(self.until.isoformat())), FUTURE)] if self.until else []
        return cases + ahead

    def _score_cases(self) -> list[tuple[Expression, str]]:
        spec = self.spec
        cases = []
        for column in [spec.score] if spec.score else spec.classes.values():
            score = self.number(column)
            cases.append((~finite(score), "score not finite"))
            if spec.score_range:
                low, high = spec.score_range
                kind = "probability" if spec.score_kind is ScoreKind.PROBABILITY else "score"
                cases.append(((score < real(low)) | (score > real(high)), f"{kind} outside [{low:g}, {high:g}]"))
        return cases

    def _label_cases(self) -> list[tuple[Expression, str]]:
        if self.spec.label is None and not self.joined:
            return []
        word = self.label_word()
        if self.spec.task is Task.MULTICLASS:
            return [(word.notnull() & word.notin(list(self.spec.classes)), "label not a class")]
        value, unread = self.label(), ibis.literal(False)
        if not self._label_is_plain():
            unread = word.notnull() & (word.lower() != "nan") & value.isnull()
        if self.spec.task is Task.REGRESSION:
            return [(unread | ~finite(value), "label not a number")]
        known = (value == real(0.0)) | (value == real(1.0))
        return [(unread | ~known, "label other than 0 and 1")]


def _parsed(word: Expression) -> Expression:
    """Text as a double, null where it is none: a pattern first, since not every engine has a cast that may fail."""
    # Not by strip(): Spark would take the letters of the escapes in it for what to strip, and cut "inf" short.
    odd = [(word.lower().re_search(f"^ *{spelled} *$"), real(float(value))) for spelled, value in _ODD.items()]
    return ibis.cases((word.re_search(_NUMBER), word.cast("float64")), *odd)


def _flag(word: Expression) -> Expression:
    lowered = word.lower()
    return ibis.cases((lowered == "true", real(1.0)), (lowered == "false", real(0.0)), else_=_parsed(word))
