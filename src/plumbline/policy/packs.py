"""Reads policy packs: each value typed as it is read, each refusal with its file and key."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from plumbline.domain.errors import PolicyError
from plumbline.domain.toml_text import read_toml


@dataclass(frozen=True, slots=True)
class Pack:
    """One policy file: who owns it, since when it holds, where its numbers come from."""

    name: str
    version: str
    owner: str
    effective: date
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a pack that knows its own file and key."""

    values: Mapping[str, Any]
    file: str
    key: str = ""
    seen: set[str] = field(default_factory=set)

    def refuse(self, key: str, what: str) -> NoReturn:
        raise PolicyError(
            f"The policy key '{self.path(key)}' {what}",
            where=self.file,
            remedy="Correct the file; the policy in force stays as it was.",
        )

    def path(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key and key else self.key or key

    def has(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        return value if isinstance(value, str) else self.refuse(key, f"must be text, not {value!r}")

    def number(self, key: str, default: float | None = None) -> float:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, f"must be a number, not {value!r}")
        if not math.isfinite(value):
            self.refuse(key, f"must be a number that can be compared, not {value}")
        return float(value)

    def share(self, key: str) -> float:
        """A number from 0 to 1: a share, or a chance."""
        value = self.number(key)
        return value if 0 <= value <= 1 else self.refuse(key, f"must be a share from 0 to 1, not {value:g}")

    def choice(self, key: str, known: Iterable[str]) -> str:
        """A text that is one of those known."""
        value, names = self.text(key), list(known)
        return value if value in names else self.refuse(key, f"is {value!r}; known are {', '.join(names)}")

    def whole(self, key: str, default: int | None = None) -> int:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.refuse(key, f"must be a whole number that is not negative, not {value!r}")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, None)
        return value if isinstance(value, bool) else self.refuse(key, f"must be true or false, not {value!r}")

    def day(self, key: str, default: date | None = None) -> date:
        value = self._take(key, default)
        return (
            value if isinstance(value, date) else self.refuse(key, f"must be a date such as 2026-11-21, not {value!r}")
        )

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._take(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            self.refuse(key, f"must be a list of texts, not {value!r}")
        return tuple(value)

    def table(self, key: str) -> Table:
        return self._table(self._take(key, None), key)

    def tables(self, key: str) -> tuple[Table, ...]:
        """The entries of an array of tables, each named by its id, or counted from 1."""
        value = self._take(key, None)
        if not isinstance(value, list):
            self.refuse(key, "must be an array of tables")
        names = [item.get("id", place) if isinstance(item, dict) else place for place, item in enumerate(value, 1)]
        return tuple(self._table(item, f"{key}[{name}]") for name, item in zip(names, value, strict=True))

    def children(self) -> Iterator[tuple[str, Table]]:
        """Every sub-table, in the order of the file."""
        for key in self.values:
            yield key, self.table(key)

    def done(self) -> None:
        """Refuses a key that nothing has read: a misspelt limit must not pass for the default."""
        for key in self.values:
            if key not in self.seen:
                self.refuse(key, f"is not known{_meant(key, self.seen)}")

    def _table(self, value: Any, key: str) -> Table:
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Table(value, self.file, self.path(key))

    def _take(self, key: str, default: Any) -> Any:
        self.seen.add(key)
        if key in self.values:
            return self.values[key]
        if default is not None:
            return default
        # A misspelt key explains a missing one better than its absence does.
        for other in get_close_matches(key, [name for name in self.values if name not in self.seen], n=1, cutoff=0.8):
            self.refuse(other, f"is not known; did you mean '{key}'?")
        return self.refuse(key, "is missing")


def _meant(key: str, known: Iterable[str]) -> str:
    near = get_close_matches(key, sorted(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def read_pack(path: Path) -> tuple[Pack, Table]:
    """The pack's heading and its whole table; `PolicyError` where it cannot be read."""
    try:
        values = read_toml(path.read_bytes())
    except OSError as error:
        raise PolicyError(
            f"The policy pack cannot be read: {error.strerror}",
            where=str(path),
            remedy="Name a folder that holds every pack, or restore the file.",
        ) from error
    except ValueError as error:
        raise PolicyError(
            f"The policy pack is not TOML: {error}", where=str(path), remedy="Correct that place."
        ) from error
    whole = Table(values, str(path))
    head = whole.table("pack")
    pack = Pack(
        name=head.text("name"),
        version=head.text("version"),
        owner=head.text("owner"),
        effective=head.day("effective"),
        source=head.text("source"),
        sha256=digest(values),
    )
    head.done()
    return pack, whole


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON of a pack's content: comments and layout do not count, values do.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
