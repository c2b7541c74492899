"""Profiles as bytes and back: a JSON header and packed integers, the same bytes for the same counts."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np

from plumbline.domain.results import Window, iso
from plumbline.profiling.bins import CategoricalBins, Grid, Ints
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn
from plumbline.profiling.profile import Classes, Population, Profile, Slice, Sums

_MAGIC = b"plumbline profile 1\n"
_LEVEL = 3


class _Packer:
    """Integer arrays one behind the other; the header holds their places."""

    def __init__(self) -> None:
        self.arrays: list[Ints] = []
        self.size = 0

    def put(self, array: Ints) -> list[int]:
        flat = np.ascontiguousarray(array, dtype=np.int64).ravel()
        self.arrays.append(flat)
        self.size += flat.size
        return [self.size - flat.size, *array.shape]


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
    packed = np.concatenate([*packer.arrays, np.zeros(0, dtype=np.int64)]).astype("<i8").tobytes()
    return _MAGIC + zlib.compress(len(text).to_bytes(8, "little") + text + packed, _LEVEL)


def digest(content: bytes) -> str:
    """SHA-256 of a profile's bytes."""
    return sha256(content).hexdigest()


def decode(content: bytes) -> Profile:
    """Inverse of `encode`.

    Raises:
        ValueError: the bytes are not a profile.
    """
    if not content.startswith(_MAGIC):
        raise ValueError("these bytes are not a profile")
    raw = zlib.decompress(content[len(_MAGIC) :])
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    packed = np.frombuffer(raw[8 + size :], dtype="<i8").astype(np.int64)
    grid = Grid.from_json(header["grid"])
    reader = _Reader(packed, grid)
    label, start, end = header["window"]
    return Profile(
        model_id=header["model"],
        version_id=header["version"],
        window=Window(label, _moment(start), _moment(end)),
        grid=grid,
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


def _column(column: Column, packer: _Packer) -> dict[str, Any]:
    if isinstance(column, CategoricalColumn):
        return {
            "count": packer.put(column.count),
            "unseen": column.unseen,
            "unseen_rest": column.unseen_rest,
            "missing": column.missing,
        }
    return {
        "index": packer.put(column.index),
        "count": packer.put(column.count),
        "missing": column.missing,
        "non_finite": column.non_finite,
        "total": column.total,
        "total_sq": column.total_sq,
        "range": [column.minimum, column.maximum],
    }


def _population(population: Population, packer: _Packer) -> dict[str, Any]:
    arrays = (population.index, population.counts, population.decisions)
    bands = (population.band_rows, population.band_score_units, population.band_actual_units)
    return {
        "counts": [packer.put(array) for array in arrays],
        "bands": [packer.put(array) for array in bands],
        "sums": _sums(population.sums),
    }


def _sums(sums: Sums) -> list[list[Any]]:
    return [list(sums.names), list(sums.totals), list(sums.units)]


def _classes(classes: Classes, packer: _Packer) -> dict[str, Any]:
    return {
        "names": list(classes.names),
        "one_vs_rest": {name: _population(each, packer) for name, each in classes.one_vs_rest.items()},
        "confusion": [
            [each.by, each.value, packer.put(table)]
            for each, table in sorted(classes.confusion.items(), key=lambda item: _order(item[0]))
        ],
        "sums": _sums(classes.sums),
    }


class _Reader:
    def __init__(self, packed: Ints, grid: Grid) -> None:
        self.packed, self.grid = packed, grid

    def take(self, place: list[int]) -> Ints:
        start, *shape = place
        size = int(np.prod(shape))
        return self.packed[start : start + size].reshape(shape)

    def column(self, name: str, raw: dict[str, Any]) -> Column:
        bins = self.grid.columns[name]
        if isinstance(bins, CategoricalBins):
            return CategoricalColumn(
                bins=bins,
                count=self.take(raw["count"]),
                unseen=raw["unseen"],
                unseen_rest=raw["unseen_rest"],
                missing=raw["missing"],
            )
        return NumericColumn(
            bins=bins,
            index=self.take(raw["index"]),
            count=self.take(raw["count"]),
            missing=raw["missing"],
            non_finite=raw["non_finite"],
            total=raw["total"],
            total_sq=raw["total_sq"],
            minimum=raw["range"][0],
            maximum=raw["range"][1],
        )

    def population(self, raw: dict[str, Any], score: str) -> Population:
        index, counts, decisions = (self.take(place) for place in raw["counts"])
        rows, score_units, actual_units = (self.take(place) for place in raw["bands"])
        return Population(
            bins=self.grid.scores[score],
            index=index,
            counts=counts,
            decisions=decisions,
            band_rows=rows,
            band_score_units=score_units,
            band_actual_units=actual_units,
            sums=_unsummed(raw["sums"]),
        )

    def classes(self, raw: dict[str, Any]) -> Classes:
        return Classes(
            names=tuple(raw["names"]),
            one_vs_rest={name: self.population(raw["one_vs_rest"][name], name) for name in raw["names"]},
            confusion={Slice(by, value): self.take(place) for by, value, place in raw["confusion"]},
            sums=_unsummed(raw["sums"]),
        )


def _unsummed(raw: list[list[Any]]) -> Sums:
    return Sums(names=tuple(raw[0]), totals=tuple(raw[1]), units=tuple(raw[2]))


def _order(each: Slice) -> tuple[str, str]:
    return each.by or "", each.value or ""


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
