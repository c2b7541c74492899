"""Frozen dataclasses to and from plain JSON values, so that a log outlives the classes that wrote it."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")
Decoder = Callable[[Any], Any]

# Most of any value: by its very type, so that no enum that is also a text passes for one.
PLAIN = frozenset({str, int, float, bool, type(None)})


def utc_text(moment: datetime) -> str:
    """A moment as `...Z` with microseconds, whatever its zone.

    >>> utc_text(datetime(2026, 10, 31, 9, 30, tzinfo=UTC))
    '2026-10-31T09:30:00.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def utc_moment(text: str) -> datetime:
    """The moment that `utc_text` wrote.

    >>> utc_moment('2026-10-31T09:30:00.000000Z').isoformat()
    '2026-10-31T09:30:00+00:00'
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def to_plain(value: Any) -> Any:
    """Dataclasses, enums, times and tuples as what JSON knows; sets are sorted so that the text is stable."""
    if type(value) in PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: Callable[..., T], plain: Any) -> T:
    """The dataclass (or value) of type `kind` that `to_plain` took apart; absent fields take their defaults.

    >>> from_plain(date, "2026-10-31")
    datetime.date(2026, 10, 31)
    """
    value: T = _decoder(kind)(plain)
    return value


@lru_cache(maxsize=512)
def _decoder(kind: Any) -> Decoder:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _optional(kind)
    if origin in (tuple, frozenset):
        return _collection(origin, _decoder(typing.get_args(kind)[0]))
    if isinstance(kind, type):
        if is_dataclass(kind):
            return _dataclass(kind)
        if issubclass(kind, Enum):
            return kind
        if issubclass(kind, datetime):
            return utc_moment
        if issubclass(kind, date):
            return date.fromisoformat
    return _unchanged


def _unchanged(plain: Any) -> Any:
    return plain


def _optional(kind: Any) -> Decoder:
    inner = [part for part in typing.get_args(kind) if part is not type(None)]
    decode = _decoder(inner[0]) if len(inner) == 1 else _unchanged
    return lambda plain: None if plain is None else decode(plain)


def _collection(origin: Any, decode: Decoder) -> Decoder:
    return lambda plain: origin(decode(item) for item in plain)


def _dataclass(kind: Any) -> Decoder:
    hints = typing.get_type_hints(kind)
    decoders = {f.name: _decoder(hints[f.name]) for f in fields(kind)}
    # Unknown keys are skipped on purpose: a newer log must stay readable by an older fold.
    return lambda plain: kind(**{name: decoders[name](item) for name, item in plain.items() if name in decoders})
