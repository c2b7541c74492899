"""What counting, judging and storing cost, each beside the pure scan of the same columns measured in the same minute.

`python -m bench.count [--rows N] [--quick] [--only PART ...] [--data FOLDER] [--no-results]`. The workload is written
once and kept under the folder that PLUMBLINE_BENCH names (else ~/.cache/plumbline-bench).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.measuring import CACHE, Cost, Failed, Table, costs, held, python

WINDOWS = 12
HEADS = ("work", "wall s", "CPU s", "peak MB", "x scan (CPU)", "bound", "holds")
OWNER, PASSWORD = "ana.ito", "a long password"  # of a store that is thrown away
PEAK, PEAK_OF_MANY = 450, 600
TIMES_SCAN, SHARE_OF_FULL = 5.0, 1 / 8
RECOMPUTE, HELP, SMALL = 0.2, 0.3, 1.5


@dataclass
class Bench:
    """One run: where the workload lies, what was found so far."""

    rows: int
    folder: Path
    data: Path | None
    table: Table
    times: int = 3
    scans: dict[str, Cost] = field(default_factory=dict)
    fulls: dict[int, Cost] = field(default_factory=dict)
    prepared: Path | None = None

    def workload(self, rows: int, windows: int = WINDOWS) -> Path:
        """The folder of a workload, written where it is not there yet."""
        at = self.data if self.data and rows == self.rows else CACHE / "data" / f"{rows}"
        if not all(file.exists() for file in (sides(at)[0], *sides(at, windows)[1])):
            python("bench.workload", str(at), "--rows", str(rows), "--windows", str(windows))
        return at

    def model(self, window: str = "month") -> Path:
        file = self.folder / f"{window}.toml"
        text = Path(__file__).with_name("model.toml").read_text(encoding="utf-8")
        file.write_text(text.replace('window = "month"', f'window = "{window}"'), encoding="utf-8")
        return file

    def store(self, name: str) -> Path:
        """A fresh store in which the model is registered and its owner may report."""
        if self.prepared is None:
            self.prepared = self._prepare(self.folder / "prepared.duckdb")
        return Path(shutil.copy(self.prepared, self.folder / f"{name}.duckdb"))

    def _prepare(self, store: Path) -> Path:
        made = json.loads(python("plumbline", "init", "--single", "--json", "--store", str(store))[1])
        admin = settled(store, "admin.one", made["administrators"]["admin.one"])
        roles = ("--name", "Ana Ito", "--role", "model_owner", "--role", "developer")
        added = python("plumbline", "user", "add", OWNER, *roles, "--json", "--store", str(store), env=admin)[1]
        settled(store, OWNER, json.loads(added)["password"])
        python("plumbline", "register", str(self.model()), "--store", str(store), env=owner())
        return store

    def monitor(self, *words: str, model: Path | None = None) -> Cost:
        return python("plumbline", "monitor", str(model or self.model()), *words, env=owner())[0]

    def scan(self, files: Sequence[Path]) -> Cost:
        """The scan's own seconds, its process' peak; added to the table."""
        cost, said = python("bench.scan", *map(str, files))
        inside = json.loads(said)
        return Cost(inside["wall"], inside["cpu"], cost.peak)

    def add(self, work: str, cost: Cost, scan: Cost | None, bound: str, holds: str) -> None:
        times = f"{cost.wall / scan.wall:.2f} ({cost.cpu / scan.cpu:.2f})" if scan and scan.wall else ""
        self.table.add(work, *costs(cost), times, bound, holds)


def settled(store: Path, user: str, given: str) -> dict[str, str]:
    """The person, once another password is chosen than the one that was given, which opens nothing."""
    new = {"PLUMBLINE_USER": user, "PLUMBLINE_PASSWORD": given, "PLUMBLINE_NEW_PASSWORD": PASSWORD}
    python("plumbline", "user", "password", "--store", str(store), env=new)
    return person(user)


def person(user: str) -> dict[str, str]:
    return {"PLUMBLINE_USER": user, "PLUMBLINE_PASSWORD": PASSWORD}


def owner() -> dict[str, str]:
    return person(OWNER)


def sides(data: Path, windows: int = WINDOWS) -> tuple[Path, list[Path]]:
    return data / "reference.parquet", [data / f"current_{at:02d}.parquet" for at in range(1, windows + 1)]


def given(reference: Path, current: Sequence[Path], store: Path) -> list[str]:
    return ["--reference", str(reference), "--log", *map(str, current), "--store", str(store)]


def full(bench: Bench, rows: int) -> None:
    """Every metric, segment, group and interval of reference and 12 windows, stored; the scan right before it."""
    reference, current = sides(bench.workload(rows))
    scan = bench.scan([reference, *current])
    bench.add(f"scan, 13 x {rows:,} rows", scan, None, "", "")
    store = bench.store(f"full-{rows}")
    cost = bench.monitor(*given(reference, current, store))
    holds = held(max(cost.wall / scan.wall / TIMES_SCAN, cost.peak / PEAK), 1.0)
    bench.fulls[rows] = cost
    bench.add(f"full monitoring, 13 x {rows:,} rows, stored", cost, scan, f"{TIMES_SCAN:g} x, {PEAK} MB", holds)


def large(bench: Bench) -> None:
    full(bench, bench.rows)


def small(bench: Bench) -> None:
    full(bench, max(bench.rows // 10, 1))


def again(bench: Bench) -> None:
    """One new window, the others in the store already and their files unchanged."""
    reference, current = sides(bench.workload(bench.rows))
    store = bench.store("again")
    bench.monitor(*given(reference, current[:-1], store))
    cost, whole = bench.monitor(*given(reference, current, store)), bench.fulls.get(bench.rows)
    holds = held(cost.wall, SHARE_OF_FULL * whole.wall) if whole else ""
    share = f"; {cost.wall / whole.wall:.3f} of the full run" if whole else ""
    bench.add(f"a re-run with one new window of 13{share}", cost, None, "1/8 full", holds)


def recompute(bench: Bench) -> None:
    """From the profiles that `large` has stored: the work alone, then as the verb."""
    store = bench.folder / f"full-{bench.rows}.duckdb"
    if not store.exists():
        large(bench)
    cost, said = python("bench.recompute", str(store), str(bench.model()))
    for work, inside in json.loads(said).items():
        alone = Cost(inside["wall"], inside["cpu"], cost.peak)
        named = f"recompute from profiles, {work}: {inside['results']:,.0f} figures"
        bench.add(named, alone, None, f"{RECOMPUTE} s", held(alone.wall, RECOMPUTE))
    verb = bench.monitor("--from-profiles", "--dry-run", "--store", str(store))
    bench.add("monitor --from-profiles, the whole process", verb, None, "", "")


def long_window(bench: Bench) -> None:
    """Ten files as one window."""
    reference, current = sides(bench.workload(bench.rows), 10)
    scan = bench.scan([reference, *current])
    bench.add(f"scan, 11 x {bench.rows:,} rows", scan, None, "", "")
    words = given(reference, current, bench.folder / "none.duckdb")
    cost = bench.monitor(*words, "--dry-run", model=bench.model("year"))
    work = f"one window of {10 * bench.rows:,} rows (dry run)"
    bench.add(work, cost, scan, f"{PEAK_OF_MANY} MB", held(cost.peak, PEAK_OF_MANY))


def start(bench: Bench) -> None:
    """What a person waits for before anything is read."""
    reference, current = sides(bench.workload(1_000), 1)
    for work, words, bound in (
        ("plumbline --help", ["--help"], HELP),
        (
            "monitor on 1,000 rows (dry run)",
            ["monitor", str(bench.model()), *given(reference, current, bench.folder / "none.duckdb"), "--dry-run"],
            SMALL,
        ),
    ):
        cost = min((python("plumbline", *words)[0] for _ in range(bench.times)), key=lambda each: each.wall)
        bench.add(work, cost, None, f"{bound} s", held(cost.wall, bound))


PARTS: dict[str, Callable[[Bench], None]] = {
    "start": start,
    "small": small,
    "full": large,
    "again": again,
    "recompute": recompute,
    "long": long_window,
}


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=tuple(PARTS))
    parser.add_argument("--data", type=Path, help="a folder with the workload of --rows rows")
    parser.add_argument("--times", type=int, default=3, help="the quickest of so many starts counts")
    parser.add_argument("--note", help="a sentence for the results, such as who else used the machine")
    parser.add_argument("--no-results", action="store_true", help="print, and leave bench/results.md as it is")
    args = parser.parse_args(words)
    rows = args.rows // 10 if args.quick else args.rows
    # A start is measured as it is from the second on: compiled, also where the environment forbids to keep that.
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(CACHE / "compiled")}
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        bench = Bench(rows, Path(folder), args.data, Table("Counting", HEADS), args.times)
        for part in args.only:
            try:
                PARTS[part](bench)
            except Failed as failed:
                bench.table.add(part, "", "", "", "", "", "FAILED")
                print(failed, flush=True)
    if not args.no_results:
        bench.table.keep(note=args.note)


if __name__ == "__main__":
    main()
