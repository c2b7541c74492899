"""Plumbline's full monitoring beside the quickest peers for parts of it, on the same files, one after another.

`python -m bench.peers --install` makes each peer's own environment under the folder that PLUMBLINE_BENCH names (else
~/.cache/plumbline-bench); `python -m bench.peers [--rows N] [--data FOLDER]` runs those that are there. A peer's time
is its whole process, as is Plumbline's. NannyML's usage reports are switched off: they wait for a network.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.count import HEADS, Bench, full
from bench.measuring import CACHE, Cost, Failed, Table, costs, spent

TIMES_FASTER = 10.0
QUIET = {"NML_DISABLE_USAGE_LOGGING": "1"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A script of this folder, and the environment it runs in."""

    script: str
    home: str
    needs: tuple[str, ...]
    work: str
    whole: bool = True  # counts towards the total
    most: int = 1_000_000  # rows a window; over it a run takes too long or too much memory

    @property
    def python(self) -> Path:
        return CACHE / self.home / "bin" / "python"


# As they were tried out: each needs more than a plain install to run at all.
NANNYML = ("nannyml==0.13.1", "statsmodels==0.15.0")
PEERS = (
    Peer("nannyml_drift", "nannyml", NANNYML, "NannyML 0.13.1, drift (KS, chi-square), 12 windows"),
    Peer("nannyml_performance", "nannyml", NANNYML, "NannyML 0.13.1, performance, 10 windows"),
    Peer("aequitas_fairness", "aequitas", ("aequitas==1.1.0", "pyarrow"), "Aequitas 1.1.0, fairness, 10 windows"),
    Peer(
        "fairlearn_fairness",
        "fairlearn",
        ("fairlearn==0.15.0", "pandas", "pyarrow"),
        "Fairlearn 0.15.0, fairness, 1 window",
        whole=False,
    ),
    Peer(
        "whylogs_drift",
        "whylogs",
        ("whylogs[viz]==1.6.4", "numpy<2", "pandas<3", "pyarrow<20"),
        "whylogs 1.6.4, drift, 12 windows",
        whole=False,
        most=100_000,
    ),
    Peer(
        "evidently_drift",
        "evidently",
        ("evidently==0.7.23", "pandas<3", "pyarrow"),
        "Evidently 0.7.23, drift preset, 12 windows",
        whole=False,
        most=100_000,
    ),
    Peer(
        "popmon_drift",
        "popmon",
        ("popmon==1.4.12", "pandas<3", "pyarrow"),
        "popmon 1.4.12, stability, 12 windows",
        whole=False,
        most=100_000,
    ),
)


def install() -> None:
    for home, needs in {peer.home: peer.needs for peer in PEERS}.items():
        at = CACHE / home
        if not (at / "bin" / "python").exists():
            print(f"{home}: {' '.join(needs)}", flush=True)
            venv.create(at, with_pip=True)
        spent([str(at / "bin" / "python"), "-m", "pip", "install", "--quiet", *needs])


def compare(bench: Bench, peers: Sequence[Peer]) -> None:
    """Ours first, then each peer alone on the machine."""
    full(bench, bench.rows)
    data, taken = bench.workload(bench.rows), []
    for peer in peers:
        if bench.rows > peer.most:
            continue
        if not peer.python.exists():
            bench.table.add(peer.work, "", "", "", "", "", "not there")
            continue
        try:
            cost, _ = spent([str(peer.python), str(Path(__file__).with_name(f"{peer.script}.py")), str(data)], QUIET)
        except Failed as failed:
            bench.table.add(peer.work, "", "", "", "", "", "FAILED")
            print(failed, flush=True)
            continue
        bench.table.add(peer.work, *costs(cost), "", "", "")
        if peer.whole:
            taken.append(cost)
    if len(taken) == sum(peer.whole for peer in PEERS):
        _total(bench, taken)


def _total(bench: Bench, taken: Sequence[Cost]) -> None:
    ours, wall, cpu = bench.fulls[bench.rows], sum(cost.wall for cost in taken), sum(cost.cpu for cost in taken)
    total = Cost(wall, cpu, max(cost.peak for cost in taken))
    times = wall / ours.wall
    bound, holds = f"{TIMES_FASTER:g} x", "yes" if times >= TIMES_FASTER else "NO"
    work = f"the {len(taken)} together; full monitoring is {times:.1f} x faster ({cpu / ours.cpu:.1f} x in CPU)"
    bench.table.add(work, *costs(total), "", bound, holds)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--install", action="store_true", help="make or complete the peers' environments, and stop")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="a folder with the workload of --rows rows")
    parser.add_argument("--only", nargs="+", choices=[peer.script for peer in PEERS])
    parser.add_argument("--note", help="a sentence for the results, such as who else used the machine")
    parser.add_argument("--no-results", action="store_true", help="print, and leave bench/results.md as it is")
    args = parser.parse_args(words)
    if args.install:
        install()
        sys.exit(0)
    chosen = [peer for peer in PEERS if not args.only or peer.script in args.only]
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        bench = Bench(args.rows, Path(folder), args.data, Table(f"Peers, windows of {args.rows:,} rows", HEADS))
        compare(bench, chosen)
    if not args.no_results:
        bench.table.keep(note=args.note)


if __name__ == "__main__":
    main()
