"""How often peers' defaults flag a column where nothing drifted, and whether they flag the one that did.

The same months as `bench.alarms` draws for Plumbline, as files; a peer's script judges them in its own environment.
A peer knows one kind of alarm. It stands under "amber or red".
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from bench.drawn_columns import REFERENCE, WINDOWS, Trial, mixed, moved, quiet, write
from bench.measuring import CACHE, Failed, Table, share, spent

QUIET = {"NML_DISABLE_USAGE_LOGGING": "1"}
PEERS = {
    "evidently": "Evidently 0.7.23, drift preset",
    "nannyml": "NannyML 0.13.1, Jensen-Shannon, 3 sigma",
}
FEWEST_CHUNKS = 5  # of the reference: a spread of fewer is none
TRIALS = (
    *(Trial("no drift", rows, quiet) for rows in (250, 500, 1_000, 5_000)),
    *(Trial("0.5 sigma", rows, moved(0.5), ("num_00",)) for rows in (500, 1_000)),
    *(Trial("mix, PSI 0.25", rows, mixed(0.25), ("cat_008",)) for rows in (500, 1_000)),
)


def peers(report: Table, months: int, seed: int) -> None:
    """Each peer on each trial; one that is not installed is said to be so."""
    for home, name in PEERS.items():
        python = CACHE / home / "bin" / "python"
        if not python.exists():
            report.add(name, "", "", "", "", "", "not there")
            continue
        for trial in TRIALS:
            if home == "evidently" or trial.rows * FEWEST_CHUNKS <= REFERENCE:
                _add(report, home, name, trial, months, seed)


def _add(report: Table, home: str, name: str, trial: Trial, months: int, seed: int) -> None:
    try:
        found = flagged(home, trial, months, seed)
    except Failed as failed:
        report.add(f"{name}; {trial.name}", f"{trial.rows:,}", "", "", "", "", "FAILED")
        print(failed, flush=True)
        return
    wanted = set(trial.planted)
    alarms = sum(bool(wanted & set(columns) if wanted else columns) for columns in found)
    per_month = sum(map(len, found)) / len(found)
    said = f"{name}; {trial.name}, {len(found)} months; {per_month:.1f} columns a month"
    report.add(said, f"{trial.rows:,}", "", share(alarms, len(found)), "", "", "")


def flagged(home: str, trial: Trial, months: int, seed: int) -> Sequence[Sequence[str]]:
    """The columns that the peer flags, month by month."""
    script = Path(__file__).parent / "peers" / f"{home}_alarms.py"
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(-(-months // WINDOWS)):
            here = Path(folder, f"{repeat:03d}")
            here.mkdir()
            write(trial, np.random.default_rng([seed, repeat, trial.rows]), here)
        _, said = spent([str(CACHE / home / "bin" / "python"), str(script), folder], QUIET)
    return [json.loads(line) for line in said.splitlines() if line.startswith("[")]
