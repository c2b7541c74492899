"""The drift of a segment's own columns: the segment in a window against the same segment in the reference."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.results import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentColumn:
    """The worst thing about one column of the segment; `psi` is None where it could not be made."""

    column: str
    level: Level
    finding: str
    psi: float | None
    low: float | None
    high: float | None
    n: int
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentWindow:
    """The columns of one window, in the order of lists; `profile_sha256` is the hash of the counts behind them."""

    window: str
    rows: int
    profile_sha256: str
    columns: tuple[SegmentColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDrift:
    """What one count of a segment found; `source` is the hash of the files that were read."""

    segment_by: str
    segment: str
    reference_rows: int
    reference_sha256: str
    policy_digest: str
    source: str
    windows: tuple[SegmentWindow, ...]

    @property
    def name(self) -> str:
        return f"{self.segment_by} = {self.segment}"
