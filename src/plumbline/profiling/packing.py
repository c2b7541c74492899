"""Integers packed for keeping: small counts in as few bytes as they need, sums whole, places told in a header."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from plumbline.profiling.bins import Ints

Key = TypeVar("Key")
Value = TypeVar("Value")


class Packer:
    """Integer arrays one behind the other; the header holds their places: where one starts, and its shape."""

    def __init__(self) -> None:
        self.small: list[Ints] = []
        self.wide: list[Ints] = []
        self.sizes = {"small": 0, "wide": 0}

    def counts(self, array: Ints) -> list[int]:
        """Numbers that are never negative."""
        self.small.append(array.ravel())
        return self._place("small", array)

    def bins(self, array: Ints) -> list[int]:
        """Ascending bins, as gaps."""
        return self.counts(np.diff(array, prepend=0))

    def sums(self, array: Ints) -> list[Any]:
        """Numbers of any size and sign; where 64 bits are too few, they stand in the header itself, as a list."""
        if array.dtype == object:
            return [array.tolist()]
        self.wide.append(array.ravel())
        return self._place("wide", array)

    def packed(self) -> bytes:
        small, wide = _joined(self.small), _joined(self.wide)
        raw = small.size.to_bytes(8, "little") + b"".join(planes(small)) + wide.astype("<i8").tobytes()
        # Runs and Huffman codes alone: as small as the slowest search for repeats, in a quarter of its time.
        deflating = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
        return deflating.compress(raw) + deflating.flush()

    def _place(self, kind: str, array: Ints) -> list[int]:
        self.sizes[kind] += array.size
        return [self.sizes[kind] - array.size, *array.shape]


def _joined(arrays: list[Ints]) -> Ints:
    return np.concatenate([*arrays, np.zeros(0, dtype=np.int64)])


def planes(values: Ints) -> Iterator[bytes]:
    """Seven bits of every value, then of those that have more, and so on; the eighth bit says so."""
    while values.size:
        more = values > 0x7F
        yield (values.astype(np.uint8) & 0x7F | (more.view(np.uint8) << 7)).tobytes()
        values = values[more] >> 7


@dataclass(frozen=True, slots=True)
class Planes:
    """Small counts, left as they were packed: as whole integers those of a run's windows would fill 100 MB.

    `low` has the lowest seven bits of each, and an eighth that says that there are more; `longer` are the places of
    those, ascending, and `rest` is what they come to beyond `low`.
    """

    low: NDArray[np.uint8]
    longer: NDArray[np.intp]
    rest: Ints

    def stretch(self, start: int, size: int) -> Ints:
        """The counts that stand at `start` and behind. Shape (size,)."""
        values = self.low[start : start + size].astype(np.int64)
        first, last = self.longer.searchsorted(start), self.longer.searchsorted(start + size)
        values[self.longer[first:last] - start] += self.rest[first:last]
        return values


def from_planes(raw: bytes, start: int, size: int) -> tuple[Planes, int]:
    """(values, where the planes end)."""
    low, end = np.frombuffer(raw, dtype=np.uint8, count=size, offset=start), start + size
    longer, rest = np.flatnonzero(low > 0x7F), np.zeros(0, dtype=np.int64)
    if len(longer):
        further, end = from_planes(raw, end, len(longer))
        rest = (further.stretch(0, len(longer)) << 7) - 0x80
    return Planes(low, longer, rest), end


class Later(Mapping[Key, Value]):
    """Each value unpacked when it is first asked for: many a profile is taken over, and not looked into."""

    def __init__(self, packed: Mapping[Key, Any], unpack: Callable[[Key, Any], Value]) -> None:
        self._packed, self._unpack, self._found = packed, unpack, dict[Key, Value]()

    def __getitem__(self, key: Key) -> Value:
        if key not in self._found:
            self._found[key] = self._unpack(key, self._packed[key])
        return self._found[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)
