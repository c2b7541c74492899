"""A table of a TOML file, read key by key: what is misspelt or of the wrong type is refused by name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from plumbline.domain.errors import LogError

E = TypeVar("E", bound=StrEnum)
BEYOND = 1e18  # further than any figure of a model goes; whole numbers are exact in the store up to there


class Table:
    """One table; every `take` marks its key as known, `close` refuses the keys that nobody asked for."""

    def __init__(self, raw: dict[str, Any], *, file: str, path: str) -> None:
        self._raw = raw
        self._known: list[str] = []
        self._file = file
        self.path = path

    def has(self, key: str) -> bool:
        self._know(key)
        return key in self._raw

    def raw(self, key: str) -> Any:
        """The value as TOML gave it; None when absent."""
        self._know(key)
        return self._raw.get(key)

    def refuse(self, key: str, what: str, remedy: str) -> LogError:
        """The error for a value of this table, ready to raise."""
        return LogError(f"{self.path} {key}: {what}".lstrip(), where=self._file, remedy=remedy)

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not blank; required when there is no default."""
        value: str = self._typed(key, str, "text", default)
        if default is None and not value.strip():
            raise self.refuse(key, "must not be blank", f"Give {key} a value.")
        return value

    def optional(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def flag(self, key: str, default: bool) -> bool:
        value: bool = self._typed(key, bool, "true or false", default)
        return value

    def whole(self, key: str, default: int) -> int:
        value: int = self._typed(key, int, "a whole number", default)
        return value

    def between(self, key: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`; None when absent."""
        value = self.whole(key, low) if self.has(key) else None
        if value is not None and not low <= value <= high:
            raise self.refuse(key, f"is {value}", f"Give {key} as a whole number from {low} to {high}.")
        return value

    def number(self, key: str) -> float | None:
        """A finite number, or None when absent."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(key, f"is {value!r}, not a number", "Write it without quotes.")
        if not abs(value) < BEYOND:
            raise self.refuse(key, f"is {value}, which no figure is", "Write a number that can be counted.")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of different texts; empty when absent."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.refuse(key, f"is {value!r}, not a list of names", f'Write {key} = ["a", "b"].')
        twice = next((item for item in value if value.count(item) > 1), None)
        if twice is not None:
            raise self.refuse(key, f"names '{twice}' twice", "Name it once.")
        return tuple(value)

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str:
        """One of `options`; the nearest is named when it is none of them."""
        value = self.text(key, default)
        known = list(options)
        if value not in known:
            raise self.refuse(key, f"is {value!r}", f"{_nearest(value, known)}Known: {', '.join(known)}.")
        return value

    def member(self, key: str, enum: type[E], default: E) -> E:
        return enum(self.choice(key, [str(item.value) for item in enum], default.value))

    def moment(self, key: str) -> datetime | None:
        """A TOML date or time, as UTC (without an offset it is taken as UTC); None when absent."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        raise self.refuse(key, f"is {value!r}, not a date", "Write it without quotes: 2026-10-31.")

    def table(self, key: str) -> Table | None:
        """A table within this one, or None when absent."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.refuse(key, f"is {value!r}, not a table", f"Write {key} = {{ ... }}.")
        return Table(value, file=self._file, path=f"{self.path}.{key}" if self.path else f"[{key}]")

    def tables(self, key: str) -> tuple[Table, ...]:
        """An array of tables (`[[key]]`); empty when absent."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(key, "is not a list of tables", f"Write each under its own [[{key}]].")
        return tuple(Table(item, file=self._file, path=f"[[{key}]]") for item in value)

    def names(self) -> tuple[str, ...]:
        """All keys, for a table whose keys are names of the log's own."""
        self._known.extend(self._raw)
        return tuple(self._raw)

    def close(self) -> None:
        """Refuse the first key that is not known.

        Raises:
            LogError: names the file, the key and the nearest known key.
        """
        for key in self._raw:
            if key not in self._known:
                remedy = f"{_nearest(key, self._known)}Known keys: {', '.join(sorted(set(self._known)))}."
                raise self._unknown(key, remedy)

    def _know(self, key: str) -> None:
        if key not in self._known:
            self._known.append(key)

    def _suspect(self, key: str) -> None:
        """A misspelt key explains a missing one better than its absence does."""
        for other in get_close_matches(key, [name for name in self._raw if name not in self._known], n=1, cutoff=0.7):
            raise self._unknown(other, f"Did you mean '{key}'?")

    def _unknown(self, key: str, remedy: str) -> LogError:
        return LogError(f"{self.path or 'The file'}: unknown key '{key}'", where=self._file, remedy=remedy)

    def _typed(self, key: str, kind: type[Any], words: str, default: Any) -> Any:
        value = self.raw(key)
        if value is None:
            if default is None:
                self._suspect(key)
                raise self.refuse(key, "is missing", f"Add {key} = ... ({words}) under {self.path}.")
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.refuse(key, f"is {value!r}, not {words}", f"Give {key} as {words}.")
        if kind is int and not abs(value) < BEYOND:
            raise self.refuse(key, f"is {value}, which no figure is", "Write a number that can be counted.")
        return value


def _nearest(word: str, known: list[str]) -> str:
    found = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean '{found[0]}'? " if found else ""
