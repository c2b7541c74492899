"""Each data set with what the product must find in it: the table that docs/real-data.md shows, and what must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.real_data import logs
from bench.real_data.found import ALARMS, Found, monitor
from bench.real_data.logs import ECONOMY, DataSet

Row = tuple[str, ...]
Claims = dict[str, bool]


@dataclass(frozen=True, slots=True)
class Trial:
    """`rows` are those of the table, `claims` what must hold, in words."""

    key: str
    data: DataSet
    heads: Row
    rows: Callable[[Found], Iterator[Row]]
    claims: Callable[[Found], Claims]

    def absent(self, data: Path) -> str:
        """Why it cannot run here; empty where it can."""
        file = data / self.data.folder / self.data.file
        return "" if file.is_file() else f"{file} is absent, so {self.key} is not monitored"

    def run(self, data: Path, to: Path) -> Found:
        """Makes the log below `to` and monitors it.

        Raises:
            Failed: the command did not end with 0.
        """
        log = self.data.prepare(data / self.data.folder / self.data.file, to)
        return monitor(self.data.name, log.log, log.reference, to)


def _table(rows: Callable[[Found, str], Row]) -> Callable[[Found], Iterator[Row]]:
    """A row of each window."""
    return lambda found: (rows(found, window) for window in found.windows)


def _judged(found: Found, window: str, metric: str, column: str | None = None, *, share: bool = False) -> str:
    result = found.figure(window, metric, column)
    value = f"{100 * result['estimate']:.1f} %" if share else f"{result['estimate']:.3f}"
    return f"{value}, {result['verdict']}"


def _rows(found: Found, window: str) -> str:
    return f"{found.figure(window, 'row_count')['estimate']:,.0f}"


def _employment(found: Found, window: str) -> Row:
    auc, counted = found.figure(window, "roc_auc"), found.counted(window)
    moved = max(
        (each for each in found.results if each["window"] == window and each["metric"] == "psi"),
        key=lambda each: each["estimate"],
    )
    return (
        window,
        _rows(found, window),
        *(str(counted[level]) for level in ALARMS),
        f"{auc['estimate']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})",
        f"{moved['column']} {moved['estimate']:.3f}",
    )


def _nothing_changed(found: Found) -> Claims:
    return {
        "three years are judged": len(found.windows) == 3,
        "no red in three years": not any(found.counted(window)["red"] for window in found.windows),
        "no amber either": not any(found.counted(window)["amber"] for window in found.windows),
    }


def _loans(found: Found, window: str) -> Row:
    return (
        window,
        _rows(found, window),
        _judged(found, window, "roc_auc"),
        _judged(found, window, "observed_expected"),
        _judged(found, window, "base_rate", share=True),
        _judged(found, window, "psi", "label"),
        _judged(found, window, "psi", "FranchiseCode"),
        _judged(found, window, "unseen_rate", "FranchiseCode", share=True),
    )


def _crisis(found: Found) -> Claims:
    in_crisis = [window for window in found.windows if "2006Q2" <= window <= "2008Q3"]
    performance, level = found.verdicts("roc_auc"), found.verdicts("observed_expected")
    label, franchise = found.verdicts("psi", "label"), found.verdicts("psi", "FranchiseCode")
    rates = [found.figure(window, "base_rate") for window in in_crisis]
    return {
        "performance is red from 2006Q2 at the latest": all(performance[window] == "red" for window in in_crisis),
        "so is calibration": all(level[window] == "red" for window in in_crisis),
        "the base rate is named": all(label[window] in ALARMS for window in in_crisis)
        and all(rate["verdict"] == "watch" and rate["p_adjusted"] < 1e-9 for rate in rates),
        "FranchiseCode is named": all(franchise[window] == "red" for window in in_crisis),
    }


def _payer(found: Found, window: str) -> Row:
    missing = found.figure(window, "missing_rate", "payer_code")
    return (
        window,
        _rows(found, window),
        _judged(found, window, "missing_rate", "payer_code", share=True),
        f"{100 * missing['effect']:+.1f} points",
        _judged(found, window, "psi", "payer_code"),
        _judged(found, window, "unseen_rate", "payer_code", share=True),
    )


def _filled_up(found: Found) -> Claims:
    missing, moved = found.verdicts("missing_rate", "payer_code"), found.verdicts("psi", "payer_code")
    return {
        "the fall of payer_code's missing share is red from P05": all(missing[at] == "red" for at in found.windows[1:]),
        "its distribution is red in every window": set(moved.values()) == {"red"},
    }


def _vanished(found: Found) -> Claims:
    missing = found.verdicts("missing_rate", "payer_code")
    return {"the rise of payer_code's missing share is red from P17": [*missing.values()][1:] == ["red"] * 3}


def _economy(found: Found, window: str) -> Row:
    return (window, _rows(found, window), *(_judged(found, window, "psi", column) for column in ECONOMY))


def _moved(found: Found) -> Claims:
    enough = [window for window in found.windows if found.figure(window, "row_count")["estimate"] >= 500]
    verdicts = {column: found.verdicts("psi", column) for column in ECONOMY}
    small = [window for window in found.windows if window not in enough]
    return {
        "every economic column is red in every quarter of 500 calls": all(
            verdicts[column][window] == "red" for column in ECONOMY for window in enough
        ),
        "quarters of fewer calls are grey": all(
            verdicts[column][window] == "grey" for column in ECONOMY for window in small
        ),
        "pdays is not told as another unit": ("unit_change", "pdays") not in found.alarms(),
    }


PAYER = ("stays", "rows", "missing", "change", "PSI", "unseen levels")
TRIALS = (
    Trial(
        "acs_employment_ma",
        logs.ACS,
        ("year", "rows", *ALARMS, "AUC", "largest PSI"),
        _table(_employment),
        _nothing_changed,
    ),
    Trial(
        "sba_loans",
        logs.SBA,
        (
            *("quarter", "rows", "AUC", "observed / expected", "base rate", "PSI of the label"),
            *("PSI of FranchiseCode", "unseen codes"),
        ),
        _table(_loans),
        _crisis,
    ),
    Trial("diabetic_data, fewer missing", logs.FEWER, PAYER, _table(_payer), _filled_up),
    Trial("diabetic_data, more missing", logs.MORE, PAYER, _table(_payer), _vanished),
    Trial("bank_marketing", logs.BANK, ("quarter", "rows", *ECONOMY), _table(_economy), _moved),
)
