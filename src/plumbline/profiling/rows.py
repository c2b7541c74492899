"""How a log's own columns read as times, scores, outcomes and decisions: SQL text, one expression a role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.domain.results import REFERENCE
from plumbline.profiling.bins import real
from plumbline.profiling.profile import JOIN, MISSING
from plumbline.profiling.sources import Source, quote, text
from plumbline.profiling.windows import number_sql

NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
REALS = ("FLOAT", "DOUBLE")
Key = int | str  # a window's number, or its own text, or "reference"
TAKEN = f"window called {REFERENCE!r}"
FUTURE = "time in the future"
# Behind the run's clock: times without an offset are taken as UTC, and clocks run up to 14 hours ahead of that.
AHEAD = timedelta(days=1)
LATER = "j.label"  # an outcome from a file of its own
# Behind a time of day: the end of a bare date is no offset.
OFFSET = r":[^+-]*(Z|[+-][0-9][0-9](:?[0-9][0-9])?)$"


def is_number(kind: str) -> bool:
    return kind in NUMBERS or kind in REALS or kind.startswith("DECIMAL")


def is_plain(kind: str) -> bool:
    """Whether a value of this type is a number without parsing."""
    return is_number(kind) or kind == "BOOLEAN"


@dataclass(frozen=True, slots=True)
class Rows:
    """The reading of one source. Columns are prefixed `r.`; joined labels, where given, `j.`."""

    spec: LogSpec
    source: Source
    joined: bool = False  # later labels come from a file of their own, as j.label (text)
    reference_file: bool = False
    until: date | None = None  # the last day that a row of the log can lie in

    def number(self, column: str) -> str:
        """A DOUBLE; text is parsed, true and false are 1 and 0."""
        kind, name = self.source.types[column], f"r.{quote(column)}"
        if kind == "VARCHAR":
            return f"TRY_CAST({name} AS DOUBLE)"
        return (
            name
            if kind == "DOUBLE"
            else f"CAST(CAST({name} AS INTEGER) AS DOUBLE)"
            if kind == "BOOLEAN"
            else (f"CAST({name} AS DOUBLE)")
        )

    def word(self, column: str) -> str:
        """A VARCHAR."""
        name = f"r.{quote(column)}"
        return name if self.source.types[column] == "VARCHAR" else f"CAST({name} AS VARCHAR)"

    def time(self) -> str:
        """A TIMESTAMP in UTC; without an offset a time is taken as UTC."""
        column = self.spec.timestamp
        if column is None or (self.reference_file and column not in self.source.types):
            return "CAST(NULL AS TIMESTAMP)"
        kind, name = self.source.types[column], f"r.{quote(column)}"
        if kind == "TIMESTAMP WITH TIME ZONE":
            return f"timezone('UTC', {name})"
        if kind == "VARCHAR":
            return f"timezone('UTC', TRY_CAST({name} AS TIMESTAMPTZ))"
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            return f"CAST({name} AS TIMESTAMP)"
        raise LogError(
            f"Column '{column}' holds {kind}, not times",
            where=str(self.source.path),
            remedy="Write times as ISO 8601 text or as a timestamp column.",
        )

    def window(self) -> str:
        """The window's number, or its own text; NULL where that is no name, or the reference's."""
        if self.spec.window_column:
            return f"nullif(nullif({self.word(self.spec.window_column)}, ''), {text(REFERENCE)})"
        return number_sql(self.spec.window, self.time())

    def is_reference(self) -> str:
        if self.reference_file:
            return "true"
        column, value = self.spec.reference_column, self.spec.reference_equals
        if column is None or value is None:
            return "false"
        return f"coalesce({self.word(column)} = {text(value)}, false)"

    def label_word(self) -> str:
        """The outcome as text, NULL when not known."""
        column = self.spec.label
        own = self.word(column) if column in self.source.types and column else "CAST(NULL AS VARCHAR)"
        return f"coalesce({LATER}, {own})" if self.joined else own

    def label(self) -> str:
        """The outcome as a DOUBLE (binary: 1 and 0, other numbers as they are); NULL when not known."""
        kind = self.source.types.get(self.spec.label or "", "VARCHAR")
        plain = not self.joined and self.spec.label and is_plain(kind)
        value = self.number(self.spec.label) if plain and self.spec.label else _parsed(self.label_word())
        return value if plain and kind not in REALS else f"nullif({value}, CAST('nan' AS DOUBLE))"

    def weight(self, unit: float) -> str:
        """How many whole units a row counts for; a BIGINT."""
        units = f"{self.number(self.spec.weight or '')} * {real(1.0 / unit)}"
        return f"CAST(least({units}, {real(2.0**62)}) AS BIGINT)"

    def decision(self) -> str:
        """1, 0, or 2 where the log tells no decision."""
        column = self.spec.decision_column
        return "2" if column is None else f"coalesce(CAST({self._flag(column)} AS INTEGER), 2)"

    def slice_value(self, columns: tuple[str, ...]) -> str:
        """The value of a segment, group or intersection; a null is "(missing)"."""
        return f" || '{JOIN}' || ".join(f"coalesce({self.word(each)}, '{MISSING}')" for each in columns)

    def reason(self) -> str:
        """Why the row cannot be counted, NULL when it can; the first reason that holds."""
        cases = [*self._time_cases(), *self._value_cases()]
        whens = " ".join(f"WHEN {condition} THEN {text(reason)}" for condition, reason in cases)
        return f"CASE {whens} END" if whens else "CAST(NULL AS VARCHAR)"

    def fault(self) -> str:
        """True where a row cannot be counted for its score, outcome, decision or weight; time is not looked at."""
        return " OR ".join(f"({condition})" for condition, _ in self._value_cases()) or "false"

    def _value_cases(self) -> list[tuple[str, str]]:
        cases = [*self._score_cases(), *self._label_cases()]
        if self.spec.decision_column:
            flag = self._flag(self.spec.decision_column)
            held = f"r.{quote(self.spec.decision_column)} IS NOT NULL"
            cases.append((f"{held} AND ({flag} IS NULL OR {flag} NOT IN (0, 1))", "decision other than 0 and 1"))
        if self.spec.weight:
            weight = self.number(self.spec.weight)
            cases.append((f"NOT coalesce(isfinite({weight}) AND {weight} >= 0, false)", "weight not usable"))
        return cases

    def blamed(self, reason: str) -> str | None:
        """The column that a reason speaks of."""
        spec = self.spec
        named = {"time": spec.timestamp, "window": spec.window_column, "label": spec.label}
        named |= {"decision": spec.decision_column, "weight": spec.weight}
        return named.get(reason.split()[0], spec.score)

    def _flag(self, column: str) -> str:
        return _parsed(self.word(column)) if self.source.types[column] == "VARCHAR" else self.number(column)

    def _time_cases(self) -> list[tuple[str, str]]:
        if self.reference_file:
            return []
        # A row of the reference stands in no window, so its time may be anything.
        log = f"NOT {self.is_reference()} AND"
        if self.spec.window_column:
            taken = f"coalesce({self.word(self.spec.window_column)} = {text(REFERENCE)}, false)"
            return [(f"{log} {taken}", TAKEN), (f"{log} {self.window()} IS NULL", "window missing")]
        name = f"r.{quote(self.spec.timestamp or '')}"
        return [
            (f"{log} {name} IS NULL", "time missing"),
            (f"{log} ({self.time()} IS NULL OR NOT isfinite({self.time()}))", "time not parsable"),
            *([(f"{log} CAST({self.time()} AS DATE) > DATE '{self.until}'", FUTURE)] if self.until else []),
        ]

    def _score_cases(self) -> list[tuple[str, str]]:
        spec = self.spec
        cases = []
        for column in [spec.score] if spec.score else spec.classes.values():
            score = self.number(column)
            cases.append((f"NOT isfinite({score})", "score not finite"))
            if spec.score_range:
                low, high = spec.score_range
                kind = "probability" if spec.score_kind is ScoreKind.PROBABILITY else "score"
                reason = f"{kind} outside [{low:g}, {high:g}]"
                cases.append((f"{score} < {real(low)} OR {score} > {real(high)}", reason))
        return cases

    def _label_cases(self) -> list[tuple[str, str]]:
        if self.spec.label is None and not self.joined:
            return []
        if self.spec.task is Task.MULTICLASS:
            known = ", ".join(text(name) for name in self.spec.classes)
            return [(f"{self.label_word()} IS NOT NULL AND {self.label_word()} NOT IN ({known})", "label not a class")]
        unread = (
            f"({self.label_word()} IS NOT NULL AND lower({self.label_word()}) <> 'nan' AND {self.label()} IS NULL) OR"
        )
        if not self.joined and is_plain(self.source.types.get(self.spec.label or "", "VARCHAR")):
            unread = ""  # a number need not be read as text
        if self.spec.task is Task.REGRESSION:
            return [(f"{unread} NOT isfinite({self.label()})", "label not a number")]
        return [(f"{unread} {self.label()} NOT IN (0, 1)", "label other than 0 and 1")]


def latest(now: datetime | None) -> date | None:
    """The last day (UTC) that a row can lie in, in a run at that moment.

    >>> latest(datetime(2026, 10, 31, 18, tzinfo=UTC))
    datetime.date(2026, 11, 1)
    """
    return None if now is None else (now.astimezone(UTC) + AHEAD).date()


def _parsed(word: str) -> str:
    return f"CASE lower({word}) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 ELSE TRY_CAST({word} AS DOUBLE) END"


def relation(rows: Rows) -> str:
    """What stands after FROM: the file as r, later labels as j."""
    if not rows.joined or rows.spec.id is None:
        return f"{rows.source.relation} r"
    return f"{rows.source.relation} r LEFT JOIN later_label j ON j.id = {rows.word(rows.spec.id)}"


def safe_window(rows: Rows) -> str:
    """SQL: the window of a row of the log; NULL for the reference's."""
    return f"CASE WHEN NOT {rows.is_reference()} THEN {'NULL' if rows.reference_file else rows.window()} END"
