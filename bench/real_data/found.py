"""What `plumbline monitor` answers about a log, by its own command, to be looked up by figure and window."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measuring import python

from plumbline.domain.results import REFERENCE

HERE = Path(__file__).parent
ALARMS = ("red", "amber")


@dataclass(frozen=True, slots=True)
class Found:
    """The results of a run as its JSON has them."""

    results: tuple[dict[str, Any], ...]

    @property
    def windows(self) -> list[str]:
        """In their order, without the reference."""
        return [each for each in dict.fromkeys(result["window"] for result in self.results) if each != REFERENCE]

    def figure(self, window: str, metric: str, column: str | None = None) -> dict[str, Any]:
        """The result of all rows of a window."""
        key = (window, metric, column, None)
        fields = ("window", "metric", "column", "segment_by")
        return next(each for each in self.results if tuple(each[field] for field in fields) == key)

    def verdicts(self, metric: str, column: str | None = None) -> dict[str, str]:
        """Verdict by window."""
        return {window: self.figure(window, metric, column)["verdict"] for window in self.windows}

    def counted(self, window: str) -> dict[str, int]:
        """Figures that are past a limit, by verdict: how many there are else grows with the product."""
        levels = [each["verdict"] for each in self.results if each["window"] == window]
        return {level: levels.count(level) for level in ALARMS}

    def alarms(self) -> set[tuple[str, str | None]]:
        """(metric, column) of what is red or amber in some window."""
        return {(each["metric"], each["column"]) for each in self.results if each["verdict"] in ALARMS}


def monitor(name: str, log: Path, reference: Path | None, to: Path) -> Found:
    """Monitors the log of a data set without a store.

    Raises:
        Failed: the command did not end with 0.
    """
    out = to / "results.json"
    given = ["--reference", str(reference)] if reference else []
    python(
        *("plumbline", "monitor", str(HERE / f"{name}.toml"), "--log", str(log), *given),
        *("--dry-run", "--out", str(out)),
    )
    return Found(tuple(json.loads(out.read_text(encoding="utf-8"))["results"]))
