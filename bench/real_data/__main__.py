"""What the product says about four public data sets, and whether it is what is known to be in them.

`python -m bench.real_data [--data FOLDER] [--only NAME ...]`: makes each log, monitors it by `plumbline monitor`,
prints its table as docs/real-data.md has it, and whether what must be found was found. Ends with 1 where something was
not, with 2 where no data are there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.measuring import ROOT
from bench.real_data.found import Found
from bench.real_data.trials import TRIALS, Row, Trial

DATA = ROOT.parent / "shared" / "data"


def table(trial: Trial, found: Found) -> Iterator[str]:
    """The table as the page has it, a line each."""
    yield from map(_line, (trial.heads, ("---",) * len(trial.heads), *trial.rows(found)))


def _line(cells: Row) -> str:
    return f"| {' | '.join(cells)} |"


def _tried(trial: Trial, data: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        found = trial.run(data, Path(folder))
    print(f"\n## {trial.key}", *table(trial, found), "", sep="\n")
    claims = trial.claims(found)
    for words, holds in claims.items():
        print(f"{'yes' if holds else 'NO ':<4}{words}", flush=True)
    return all(claims.values())


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="where the data sets lie (default ../shared/data)")
    parser.add_argument("--only", nargs="+", default=[trial.key for trial in TRIALS], help="names of data sets")
    args = parser.parse_args(words)
    asked = [trial for trial in TRIALS if any(trial.key.startswith(name) for name in args.only)]
    absent = {trial.key: why for trial in asked if (why := trial.absent(args.data))}
    for why in absent.values():
        print(f"{why}.", file=sys.stderr)
    there = [trial for trial in asked if trial.key not in absent]
    if not there:
        print("Nothing was monitored and nothing is shown.", file=sys.stderr)
        return 2
    tried = [_tried(trial, args.data) for trial in there]
    return 0 if all(tried) else 1


if __name__ == "__main__":
    sys.exit(main())
