"""Reads policy packs: each value typed as it is read, each refusal with its file and key."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from plumbline.domain.errors import PolicyError


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
        return float(value)

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
        """The entries of an array of tables."""
        value = self._take(key, None)
        if not isinstance(value, list):
            self.refuse(key, "must be an array of tables")
        return tuple(self._table(item, f"{key}[{place}]") for place, item in enumerate(value))

    def children(self) -> Iterator[tuple[str, Table]]:
        """Every sub-table, in the order of the file."""
        for key in self.values:
            yield key, self.table(key)

    def done(self) -> None:
        """Refuses a key that nothing has read: a misspelt limit must not pass for the default."""
        for key in self.values:
            if key not in self.seen:
                self.refuse(key, "is not known")

    def _table(self, value: Any, key: str) -> Table:
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Table(value, self.file, self.path(key))

    def _take(self, key: str, default: Any) -> Any:
        self.seen.add(key)
        if key in self.values:
            return self.values[key]
        return self.refuse(key, "is missing") if default is None else default


def read_pack(path: Path) -> tuple[Pack, Table]:
    """The pack's heading and its whole table; `PolicyError` where it cannot be read."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(
            f"The policy pack cannot be read: {error.strerror}", where=str(path), remedy="Restore the file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(
            f"The policy pack is not TOML: {error}", where=str(path), remedy="Correct the line."
        ) from error
    whole = Table(values, path.name)
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
