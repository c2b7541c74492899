"""Profiles as bytes and back: a JSON header and packed integers, the same bytes for the same counts.

Format 2: magic; eight bytes, the size of the packed header; the header (deflated JSON); the integers (deflated).
Counts are of two kinds: `small` ones, never negative, one byte where they are under 128, the further bits of the
others in planes behind (so that like stands beside like); `wide` ones, eight bytes each
(in the header where those are too few). Bins are told as gaps.
Format 1 (read, no longer written): header and eight-byte integers deflated as one.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from plumbline.domain.results import Window, iso
from plumbline.profiling.bins import CategoricalBins, Grid, Ints
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn
from plumbline.profiling.packing import Later, Packer, from_planes
from plumbline.profiling.profile import SCORE, Classes, Population, Profile, Slice, Sums, Weighted
from plumbline.profiling.weights import weighed_grid

Integers = tuple[Ints, Ints]
_FIRST = b"plumbline profile 1\n"
_MAGIC = b"plumbline profile 2\n"


def encode(profile: Profile) -> bytes:
    """The profile with its grid; equal profiles give equal bytes."""
    packer = Packer()
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
        **_counts(profile, packer),
    }
    if profile.weighted is not None:
        header["weighted"] = _weighted(profile.weighted, packer)
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
        **reader.counted(header),
        mature=header["mature"],
        first_time=_moment(header["times"][0]),
        last_time=_moment(header["times"][1]),
        sources=tuple(header["sources"]),
        weighted=reader.weighted(header["weighted"]) if "weighted" in header else None,
    )


def _second(content: bytes) -> tuple[dict[str, Any], _Reader]:
    body = len(_MAGIC) + 8
    end = body + int.from_bytes(content[len(_MAGIC) : body], "little")
    header = json.loads(zlib.decompress(content[body:end]))

    def integers() -> Integers:
        raw = zlib.decompress(content[end:])
        small, start = from_planes(raw, 8, int.from_bytes(raw[:8], "little"))
        return small, np.frombuffer(raw, dtype="<i8", offset=start).astype(np.int64)

    return header, _Reader(Grid.from_json(header["grid"]), integers)


def _first(content: bytes) -> tuple[dict[str, Any], _Reader]:
    raw = zlib.decompress(content[len(_FIRST) :])
    size = int.from_bytes(raw[:8], "little")
    header, packed = json.loads(raw[8 : 8 + size]), np.frombuffer(raw[8 + size :], dtype="<i8").astype(np.int64)
    return header, _ReaderOfFirst(Grid.from_json(header["grid"]), lambda: (packed, packed))


def _counts(counted: Profile | Weighted, packer: Packer) -> dict[str, Any]:
    return {
        "columns": {name: _column(column, packer) for name, column in sorted(counted.columns.items())},
        "populations": [
            [each.by, each.value, _population(population, packer)]
            for each, population in sorted(counted.populations.items(), key=lambda item: _order(item[0]))
        ],
        "classes": None if counted.classes is None else _classes(counted.classes, packer),
    }


def _weighted(weighted: Weighted, packer: Packer) -> dict[str, Any]:
    squares = sorted(weighted.squares.items(), key=lambda item: _order(item[0]))
    return {
        "total": weighted.total,
        "total_sq": weighted.total_sq,
        "squares": [[each.by, each.value, square] for each, square in squares],
        **_counts(weighted, packer),
    }


def _column(column: Column, packer: Packer) -> dict[str, Any]:
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


def _population(population: Population, packer: Packer) -> dict[str, Any]:
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


def _classes(classes: Classes, packer: Packer) -> dict[str, Any]:
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
    """Arrays by their places; `integers` gives the small and the wide ones, and is asked once if at all."""

    def __init__(self, grid: Grid, integers: Callable[[], Integers]) -> None:
        self.grid, self._integers = grid, integers

    @cached_property
    def integers(self) -> Integers:
        return self._integers()

    def bins(self, place: list[int]) -> Ints:
        return np.cumsum(self.counts(place))

    def by_outcome(self, place: list[int]) -> Ints:
        return self.counts(place).T

    def counts(self, place: list[int]) -> Ints:
        return _taken(self.integers[0], place)

    def sums(self, place: list[Any]) -> Ints:
        whole = place[0] if isinstance(place[0], list) else None
        return _taken(self.integers[1], place) if whole is None else np.array(whole, dtype=object)

    def counted(self, raw: dict[str, Any]) -> dict[str, Any]:
        return {
            "columns": Later(raw["columns"], self.column),
            "populations": Later(
                {Slice(by, value): each for by, value, each in raw["populations"]},
                lambda _, each: self.population(each, SCORE),
            ),
            "classes": None if raw["classes"] is None else self.classes(raw["classes"]),
        }

    def weighted(self, raw: dict[str, Any]) -> Weighted:
        mine = _Reader(weighed_grid(self.grid), lambda: self.integers)
        squares = {Slice(by, value): square for by, value, square in raw["squares"]}
        return Weighted(total=raw["total"], total_sq=raw["total_sq"], squares=squares, **mine.counted(raw))

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
