"""Profiles as bytes and back: a JSON header and packed integers, the same bytes for the same counts.

Format 2: magic; eight bytes, the size of the packed header; the header (deflated JSON); the integers (deflated).
Counts are of two kinds: `small` ones, never negative, one byte where they are under 128, the further bits of the
others in planes behind (so that like stands beside like); `wide` ones, eight bytes each. Bins are told as gaps.
Format 1 (read, no longer written): header and eight-byte integers deflated as one.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np

from plumbline.domain.results import Window, iso
from plumbline.profiling.bins import CategoricalBins, Grid, Ints
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn
from plumbline.profiling.profile import Classes, Population, Profile, Slice, Sums

_FIRST = b"plumbline profile 1\n"
_MAGIC = b"plumbline profile 2\n"


class _Packer:
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

    def sums(self, array: Ints) -> list[int]:
        """Numbers of any size and sign."""
        self.wide.append(array.ravel())
        return self._place("wide", array)

    def packed(self) -> bytes:
        small, wide = _joined(self.small), _joined(self.wide)
        raw = small.size.to_bytes(8, "little") + b"".join(_planes(small)) + wide.astype("<i8").tobytes()
        # Runs and Huffman codes alone: as small as the slowest search for repeats, in a quarter of its time.
        deflating = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
        return deflating.compress(raw) + deflating.flush()

    def _place(self, kind: str, array: Ints) -> list[int]:
        self.sizes[kind] += array.size
        return [self.sizes[kind] - array.size, *array.shape]


def _joined(arrays: list[Ints]) -> Ints:
    return np.concatenate([*arrays, np.zeros(0, dtype=np.int64)])


def _planes(values: Ints) -> Iterator[bytes]:
    """Seven bits of every value, then of those that have more, and so on; the eighth bit says so."""
    while values.size:
        more = values > 0x7F
        yield (values.astype(np.uint8) & 0x7F | (more.view(np.uint8) << 7)).tobytes()
        values = values[more] >> 7


def _from_planes(raw: bytes, start: int, size: int) -> tuple[Ints, int]:
    """(values, where the planes end)."""
    plane, end = np.frombuffer(raw, dtype=np.uint8, count=size, offset=start), start + size
    values, more = (plane & 0x7F).astype(np.int64), plane > 0x7F
    if longer := int(np.count_nonzero(more)):
        rest, end = _from_planes(raw, end, longer)
        values[more] |= rest << 7
    return values, end


def encode(profile: Profile) -> bytes:
    """The profile with its grid; equal profiles give equal bytes."""
    packer = _Packer()
    header = {
        "model": profile.model_id,
        "version": profile.version_id,
        "window": [profile.window.label, iso(profile.window.start), iso(profile.window.end)],
        "grid": profile.grid.to_json(),
        "rows": profile.rows,
        "quarantine": profile.quarantine,
        "mature": profile.mature,
        "times": [iso(profile.first_time), iso(profile.last_time)],
        "sources": list(profile.sources),
        "columns": {name: _column(column, packer) for name, column in sorted(profile.columns.items())},
        "populations": [
            [each.by, each.value, _population(population, packer)]
            for each, population in sorted(profile.populations.items(), key=lambda item: _order(item[0]))
        ],
        "classes": None if profile.classes is None else _classes(profile.classes, packer),
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
    told = zlib.compress(text)
    return _MAGIC + len(told).to_bytes(8, "little") + told + packer.packed()


def digest(content: bytes) -> str:
    """SHA-256 of a profile's bytes."""
    return sha256(content).hexdigest()


def decode(content: bytes) -> Profile:
    """Inverse of `encode`.

    Raises:
        ValueError: the bytes are not a profile.
    """
    if content.startswith(_MAGIC):
        header, reader = _second(content)
    elif content.startswith(_FIRST):
        header, reader = _first(content)
    else:
        raise ValueError("these bytes are not a profile")
    label, start, end = header["window"]
    return Profile(
        model_id=header["model"],
        version_id=header["version"],
        window=Window(label, _moment(start), _moment(end)),
        grid=reader.grid,
        rows=header["rows"],
        quarantine=header["quarantine"],
        columns={name: reader.column(name, raw_column) for name, raw_column in header["columns"].items()},
        populations={Slice(by, value): reader.population(raw, "score") for by, value, raw in header["populations"]},
        classes=None if header["classes"] is None else reader.classes(header["classes"]),
        mature=header["mature"],
        first_time=_moment(header["times"][0]),
        last_time=_moment(header["times"][1]),
        sources=tuple(header["sources"]),
    )


def _second(content: bytes) -> tuple[dict[str, Any], _Reader]:
    body = len(_MAGIC) + 8
    end = body + int.from_bytes(content[len(_MAGIC) : body], "little")
    header, raw = json.loads(zlib.decompress(content[body:end])), zlib.decompress(content[end:])
    small, start = _from_planes(raw, 8, int.from_bytes(raw[:8], "little"))
    wide = np.frombuffer(raw, dtype="<i8", offset=start).astype(np.int64)
    return header, _Reader(Grid.from_json(header["grid"]), small, wide)


def _first(content: bytes) -> tuple[dict[str, Any], _Reader]:
    raw = zlib.decompress(content[len(_FIRST) :])
    size = int.from_bytes(raw[:8], "little")
    header, packed = json.loads(raw[8 : 8 + size]), np.frombuffer(raw[8 + size :], dtype="<i8").astype(np.int64)
    return header, _ReaderOfFirst(Grid.from_json(header["grid"]), packed, packed)


def _column(column: Column, packer: _Packer) -> dict[str, Any]:
    if isinstance(column, CategoricalColumn):
        return {
            "count": packer.counts(column.count),
            "unseen": column.unseen,
            "unseen_rest": column.unseen_rest,
            "missing": column.missing,
        }
    return {
        "index": packer.bins(column.index),
        "count": packer.counts(column.count),
        "missing": column.missing,
        "non_finite": column.non_finite,
        "total": column.total,
        "total_sq": column.total_sq,
        "range": [column.minimum, column.maximum],
    }


def _population(population: Population, packer: _Packer) -> dict[str, Any]:
    sums = (population.band_score_units, population.band_actual_units)
    # Outcome by outcome: neighbours of one outcome are alike, and so pack better than the outcomes of one bin.
    counts = [packer.bins(population.index), packer.counts(population.counts.T), packer.counts(population.decisions)]
    return {
        "counts": counts,
        "bands": [packer.counts(population.band_rows), *(packer.sums(each) for each in sums)],
        "sums": _sums(population.sums),
    }


def _sums(sums: Sums) -> list[list[Any]]:
    return [list(sums.names), list(sums.totals), list(sums.units)]


def _classes(classes: Classes, packer: _Packer) -> dict[str, Any]:
    return {
        "names": list(classes.names),
        "one_vs_rest": {name: _population(each, packer) for name, each in classes.one_vs_rest.items()},
        "confusion": [
            [each.by, each.value, packer.counts(table)]
            for each, table in sorted(classes.confusion.items(), key=lambda item: _order(item[0]))
        ],
        "sums": _sums(classes.sums),
    }


class _Reader:
    def __init__(self, grid: Grid, small: Ints, wide: Ints) -> None:
        self.grid, self.small, self.wide = grid, small, wide

    def bins(self, place: list[int]) -> Ints:
        return np.cumsum(self.counts(place))

    def by_outcome(self, place: list[int]) -> Ints:
        return self.counts(place).T

    def counts(self, place: list[int]) -> Ints:
        return _taken(self.small, place)

    def sums(self, place: list[int]) -> Ints:
        return _taken(self.wide, place)

    def column(self, name: str, raw: dict[str, Any]) -> Column:
        bins = self.grid.columns[name]
        if isinstance(bins, CategoricalBins):
            return CategoricalColumn(
                bins=bins,
                count=self.counts(raw["count"]),
                unseen=raw["unseen"],
                unseen_rest=raw["unseen_rest"],
                missing=raw["missing"],
            )
        return NumericColumn(
            bins=bins,
            index=self.bins(raw["index"]),
            count=self.counts(raw["count"]),
            missing=raw["missing"],
            non_finite=raw["non_finite"],
            total=raw["total"],
            total_sq=raw["total_sq"],
            minimum=raw["range"][0],
            maximum=raw["range"][1],
        )

    def population(self, raw: dict[str, Any], score: str) -> Population:
        (index, counts, decisions), (rows, score_units, actual_units) = raw["counts"], raw["bands"]
        return Population(
            bins=self.grid.scores[score],
            index=self.bins(index),
            counts=self.by_outcome(counts),
            decisions=self.counts(decisions),
            band_rows=self.counts(rows),
            band_score_units=self.sums(score_units),
            band_actual_units=self.sums(actual_units),
            sums=_unsummed(raw["sums"]),
        )

    def classes(self, raw: dict[str, Any]) -> Classes:
        return Classes(
            names=tuple(raw["names"]),
            one_vs_rest={name: self.population(raw["one_vs_rest"][name], name) for name in raw["names"]},
            confusion={Slice(by, value): self.counts(place) for by, value, place in raw["confusion"]},
            sums=_unsummed(raw["sums"]),
        )


class _ReaderOfFirst(_Reader):
    """Bins stood there as they are, and a bin's outcomes side by side."""

    def bins(self, place: list[int]) -> Ints:
        return self.counts(place)

    def by_outcome(self, place: list[int]) -> Ints:
        return self.counts(place)


def _taken(packed: Ints, place: list[int]) -> Ints:
    start, *shape = place
    return packed[start : start + math.prod(shape)].reshape(shape)


def _unsummed(raw: list[list[Any]]) -> Sums:
    return Sums(names=tuple(raw[0]), totals=tuple(raw[1]), units=tuple(raw[2]))


def _order(each: Slice) -> tuple[str, str]:
    return each.by or "", each.value or ""


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
