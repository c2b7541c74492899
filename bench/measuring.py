"""What a child process costs, and the table in which a figure, its bound and whether it holds are printed and kept."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("results.md")
CACHE = Path(os.environ.get("PLUMBLINE_BENCH", Path.home() / ".cache" / "plumbline-bench"))
HEAD = "# Benchmarks\nWritten by `make bench`; each part says when and where. Ratios count, seconds vary.\n"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, seconds of processor, most memory held (MB)."""

    wall: float
    cpu: float
    peak: float


class Failed(Exception):
    """A measured process ended with an error."""


def spent(words: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[Cost, str]:
    """Runs a command to its end: (its cost, what it printed).

    Peak memory is the kernel's figure of the child; this process stays small, for a child inherits its parent's peak.

    Raises:
        Failed: the command's exit code was not 0.
    """
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        start = datetime.now(UTC)
        child = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=said, stderr=complained)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = (datetime.now(UTC) - start).total_seconds()
        said.seek(0)
        complained.seek(0)
        if child.returncode:
            raise Failed(f"{' '.join(words)}\nended with {child.returncode}\n{complained.read()[-2_000:]}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), said.read()


def python(*words: str, env: Mapping[str, str] | None = None) -> tuple[Cost, str]:
    """This interpreter on a module of the project."""
    return spent([sys.executable, "-m", *words], env)


@dataclass
class Table:
    """Rows are printed as they come; `keep` puts them into the results file, in the place of the last run's."""

    title: str
    heads: tuple[str, ...]
    notes: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notes.append(f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}.")
        print(f"\n## {self.title}\n{self.notes[-1]}", flush=True)
        self._say(self.heads)

    def add(self, *cells: str) -> None:
        self.rows.append(cells)
        self._say(cells)

    def _say(self, cells: Sequence[str]) -> None:
        print(f"{cells[0]:<58}" + "".join(f"{cell:>14}" for cell in cells[1:]), flush=True)

    def keep(self, file: Path = RESULTS, note: str | None = None) -> None:
        lines = [
            f"## {self.title}",
            *self.notes,
            *filter(None, [note]),
            "",
            _line(self.heads),
            _line(["---"] * len(self.heads)),
        ]
        part = "\n".join([*lines, *map(_line, self.rows)]) + "\n"
        text = file.read_text(encoding="utf-8") if file.exists() else HEAD
        old = re.compile(rf"## {re.escape(self.title)}\n.*?(?=\n## |\Z)", re.DOTALL)
        text = old.sub(lambda _: part, text) if old.search(text) else f"{text}\n{part}"
        file.write_text(text, encoding="utf-8")


def costs(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.peak:.0f}"


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %"


def held(value: float, bound: float) -> str:
    return "yes" if value <= bound else "NO"


def machine() -> str:
    """Processors, memory, how busy it is: enough to judge a ratio by."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = re.search(r"model name\s*:\s*(.+)", info.read_text(encoding="utf-8"))
        model = named.group(1) if named else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = f"{os.getloadavg()[0]:.1f}"
    return f"{os.cpu_count()} x {model}, {memory:.0f} GB, Python {platform.python_version()}; load at the start {load}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
