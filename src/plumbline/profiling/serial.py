"""Profiles as bytes and back: a JSON header and packed integers, the same bytes for the same counts.

Format 2: magic; eight bytes, the size of the packed header; the header (deflated JSON); the integers (deflated).
Counts are of two kinds: `small` ones, never negative, one byte where they are under 128, the further bits of the
others in planes behind (so that like stands beside like); `wide` ones, eight bytes each
(in the header where those are too few). Bins are told as gaps.
Format 1 (read, no longer written): header and eight-byte integers deflated as one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np

from plumbline.domain.results import Window, iso
from plumbline.profiling import domain_scores
from plumbline.profiling.bins import Grid
from plumbline.profiling.columns import CategoricalColumn, Column
from plumbline.profiling.packing import Packer, from_planes
from plumbline.profiling.profile import Classes, Population, Profile, Slice, Sums, Weighted
from plumbline.profiling.unpacking import Integers, Reader, ReaderOfFirst

_FIRST = b"plumbline profile 1\n"
_MAGIC = b"plumbline profile 2\n"
_TOLD = len(_MAGIC) + 8  # where its header starts


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
    if profile.domain is not None:
        header["domain"] = domain_scores.packed(profile.domain, packer)
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
    told = zlib.compress(text)
    return _MAGIC + len(told).to_bytes(8, "little") + told + packer.packed()


def digest(content: bytes) -> str:
    """SHA-256 of a profile's bytes."""
    return sha256(content).hexdigest()


def decode(content: bytes) -> Profile:
    """Inverse of `encode`; integers are unpacked when they are first asked for.

    Raises:
        ValueError: the bytes are not a profile.
    """
    return _read(content, lambda: _integers(content))


def decode_all(contents: Sequence[bytes]) -> list[Profile]:
    """Profiles that will be looked into: unpacking leaves the interpreter to others, so they are unpacked beside it.

    Raises:
        ValueError: some bytes are not a profile.
    """
    with ThreadPoolExecutor(2) as beside:
        unpacked = [beside.submit(_integers, content) for content in contents]
        return [_read(content, each.result) for content, each in zip(contents, unpacked, strict=True)]


def _read(content: bytes, integers: Callable[[], Integers]) -> Profile:
    header = _header(content)
    reader = (ReaderOfFirst if content.startswith(_FIRST) else Reader)(Grid.from_json(header["grid"]), integers)
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
        domain=domain_scores.unpacked(header["domain"], reader) if "domain" in header else None,
    )


def _header(content: bytes) -> dict[str, Any]:
    if content.startswith(_MAGIC):
        told = zlib.decompress(content[_TOLD : _end(content)])
    elif content.startswith(_FIRST):
        raw = zlib.decompress(content[len(_FIRST) :])
        told = raw[8 : 8 + int.from_bytes(raw[:8], "little")]
    else:
        raise ValueError("these bytes are not a profile")
    header: dict[str, Any] = json.loads(told)
    return header


def _integers(content: bytes) -> Integers:
    if content.startswith(_FIRST):
        raw = zlib.decompress(content[len(_FIRST) :])
        packed = np.frombuffer(raw, dtype="<i8", offset=8 + int.from_bytes(raw[:8], "little")).astype(np.int64)
        return lambda start, size: packed[start : start + size], packed
    raw = zlib.decompress(content[_end(content) :])
    small, start = from_planes(raw, 8, int.from_bytes(raw[:8], "little"))
    return small.stretch, np.frombuffer(raw, dtype="<i8", offset=start).astype(np.int64)


def _end(content: bytes) -> int:
    """Where the header ends."""
    return _TOLD + int.from_bytes(content[len(_MAGIC) : _TOLD], "little")


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
    packed: dict[str, Any] = {
        "counts": counts,
        "bands": [packer.counts(population.band_rows), *(packer.sums(each) for each in sums)],
        "sums": _sums(population.sums),
    }
    if population.band_loss_units is not None:
        packed["losses"] = packer.sums(population.band_loss_units)
    if population.chosen is not None:
        chosen = population.chosen
        packed["chosen"] = [packer.bins(chosen.index), packer.counts(chosen.counts.T)]
    return packed


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


def _order(each: Slice) -> tuple[str, str]:
    return each.by or "", each.value or ""


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
