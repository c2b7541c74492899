"""How often verdicts cry wolf, and what they find: 20 columns of independent rows against a reference of 5,000.

`python -m bench.alarms [--months N] [--rows N ...] [--parts P ...] [--seed N] [--no-results]`: 14 numeric and 6
categorical columns (3 to 300 levels), a score without labels. Each reference is drawn anew and judged against 5
windows, by the shipped policy. Months without drift tell the false alarms; months with one planted change tell the
power. Under 500 rows the minimum n is switched off; that a limit amounts to 5 rows is not, so shares are grey there.
Months that depend on each other (`bench.seasons`): a reference of the year before, 24 months of history, and the
twelve after them judged. Peers where `python -m bench.peers --install` has put them (`bench.alarms_of_peers`).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench.alarms_of_peers import peers
from bench.drawn_columns import REFERENCE, WINDOWS, Trial, mixed, moved, quiet, rows_of, table, write
from bench.measuring import Table, share

from bench import seasons
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.domain.results import Level, Result
from plumbline.policy.load import Policy, load_policy
from plumbline.policy.thresholds import Minimum
from plumbline.profiling.count import count
from plumbline.services.judging import judge_profiles

ALARMS = (Level.AMBER, Level.RED)
HEADS = ("months", "n", "red", "amber or red", "watch or more", "bound", "holds")
MODEL = """
[model]
id = "quiet"
name = "Quiet"
purpose = "Where nothing drifts"
owner = "ana.ito"
family = "credit_pd"
task = "binary"
[version]
id = "1"
[log]
window = { column = "period" }
score = "score"
label = "label"
decision = { threshold = 0.5 }
"""
DATED = MODEL.replace('window = { column = "period" }', 'window = "month"\ntimestamp = "at"')
HISTORY, JUDGED = 24, 12  # months
PARTS = ("no-drift", "power", "season", "faint", "peers")


def verdicts(trial: Trial, months: int, model_file: ModelFile, policy: Policy, seed: int) -> Iterator[Sequence[Result]]:
    """The results of one month after the other."""
    for repeat in range(-(-months // WINDOWS)):
        chance = np.random.default_rng([seed, repeat, trial.rows])
        with tempfile.TemporaryDirectory() as folder:
            yield from judged(model_file, *write(trial, chance, Path(folder)), policy)


def judged(model_file: ModelFile, reference: Path, log: Path, policy: Policy) -> Iterator[Sequence[Result]]:
    counted = count(model_file.log, model_id="quiet", version_id="1", log=[log], reference=[reference])
    found = judge_profiles(model_file, (counted.reference, *counted.windows), policy)
    for window in counted.windows:
        yield [one for one in found if one.window == window.window]


def dependent(planted: float, rows: int, model_file: ModelFile, seed: int) -> list[list[Result]]:
    """Results of twelve months after two years of season and month effects, `planted` added to the first column."""
    chance = np.random.default_rng([seed, rows, round(1_000 * planted)])
    names = [*rows_of(1, quiet, chance)]
    year, months = 12, 12 + HISTORY + JUDGED
    of = seasons.effects(names, months, chance)
    drawn = [
        dated(
            rows_of(each, seasons.at(month, of, {"num_00": planted} if month >= year + HISTORY else {}), chance), month
        )
        for month, each in enumerate([REFERENCE // year] * year + [rows] * (months - year))
    ]
    with tempfile.TemporaryDirectory() as folder:
        reference, log = Path(folder, "reference.parquet"), Path(folder, "log.parquet")
        pq.write_table(pa.concat_tables(drawn[:year]), reference)
        pq.write_table(pa.concat_tables(drawn[year:]), log)
        return [list(each) for each in judged(model_file, reference, log, load_policy())][HISTORY:]


def dated(found: Mapping[str, Any], month: int) -> pa.Table:
    moment = datetime(2020 + month // 12, month % 12 + 1, 15, tzinfo=UTC)
    return table(found, month).drop(["period"]).append_column("at", pa.array([moment] * len(found["score"])))


def histories(report: Table, months: int, model_file: ModelFile, seed: int) -> None:
    """Season and month effects: hardly an alarm, and what is planted is still seen."""
    for planted, rows, bound in ((0.0, 1_000, 0.02), (0.5, 1_000, None), (1.0, 1_000, None)):
        wanted = months if bound else months // 4
        found = [each for at in range(-(-wanted // JUDGED)) for each in dependent(planted, rows, model_file, seed + at)]
        seen = seen_in(found, ("num_00",) if planted else ())
        name = f"season, AR(1){f', {planted} sigma' if planted else ''}, {len(found)} months"
        held = "" if bound is None else "yes" if seen["alarm"] <= bound * len(found) else "NO"
        shown = (share(seen[each], len(found)) for each in ("red", "alarm", "watch"))
        report.add(name, f"{rows:,}", *shown, "" if bound is None else f"alarm {100 * bound:.0f} %", held)


def seen_in(months: Iterable[Sequence[Result]], planted: tuple[str, ...]) -> Counter[str]:
    """Of how many months the worst verdict was so, over the planted columns or, without any, all figures."""
    seen: Counter[str] = Counter()
    for results in months:
        levels = {one.verdict.level for one in results if not planted or one.measurement.column in planted}
        seen["months"] += 1
        seen["red"] += Level.RED in levels
        seen["alarm"] += bool(levels & set(ALARMS))
        seen["watch"] += bool(levels & {*ALARMS, Level.WATCH})
    return seen


def shares_of(trial: Trial, months: int, model_file: ModelFile, policy: Policy, seed: int) -> tuple[int, Counter[str]]:
    """(months, of how many the worst verdict was so)."""
    seen = seen_in(verdicts(trial, months, model_file, policy, seed), trial.planted)
    return seen["months"], seen


def without_minimum() -> Policy:
    """The shipped policy, but judging columns of however few rows."""
    policy = load_policy()
    at_once = Minimum()
    clauses = {
        metric: tuple(replace(clause, minimum=at_once) for clause in of)
        for metric, of in policy.thresholds.clauses.items()
    }
    metrics = {metric: replace(wording, minimum=at_once) for metric, wording in policy.thresholds.metrics.items()}
    return replace(policy, thresholds=replace(policy.thresholds, clauses=clauses, metrics=metrics))


def no_drift(report: Table, sizes: Sequence[int], months: int, model_file: ModelFile, seed: int) -> None:
    for rows in sizes:
        policy, name = (load_policy(), "no drift") if rows >= 500 else (without_minimum(), "no drift, no minimum n")
        wanted = min(months, max(WINDOWS, 20_000_000 // rows))
        total, seen = shares_of(Trial(name, rows, quiet), wanted, model_file, policy, seed)
        holds = seen["red"] <= 0.005 * total and seen["alarm"] <= 0.01 * total
        report.add(
            f"{name}, {total} months",
            f"{rows:,}",
            *(share(seen[key], total) for key in ("red", "alarm", "watch")),
            "0.5 %, 1 %",
            "yes" if holds else "NO",
        )


def power(report: Table, months: int, model_file: ModelFile, seed: int) -> None:
    trials = [
        *((Trial("0.5 sigma", rows, moved(0.5), ("num_00",)), "alarm", 0.99) for rows in (500, 1_000, 5_000)),
        *((Trial("mix, PSI 0.25", rows, mixed(0.25), ("cat_008",)), "alarm", 0.99) for rows in (500, 1_000, 5_000)),
        (Trial("0.25 sigma", 1_000, moved(0.25), ("num_00",)), "watch", 0.95),
    ]
    for trial, key, bound in trials:
        total, seen = shares_of(trial, months, model_file, load_policy(), seed)
        report.add(
            f"{trial.name}, {total} months",
            f"{trial.rows:,}",
            *(share(seen[each], total) for each in ("red", "alarm", "watch")),
            f"{key} {100 * bound:.0f} %",
            "yes" if seen[key] >= bound * total else "NO",
        )


def faint(report: Table, model_file: ModelFile, seed: int) -> None:
    """At a million rows a hundredth of a standard deviation is real, and of no matter."""
    trial = Trial("0.01 sigma", 1_000_000, moved(0.01), ("num_00",))
    total, seen = shares_of(trial, 20, model_file, load_policy(), seed)
    report.add(
        f"{trial.name}, {total} months",
        f"{trial.rows:,}",
        *(share(seen[each], total) for each in ("red", "alarm", "watch")),
        "alarm 0 %",
        "NO" if seen["alarm"] else "yes",
    )


def read(text: str) -> ModelFile:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.toml")
        file.write_text(text, encoding="utf-8")
        return read_model_file(file)


def main() -> int:
    known = argparse.ArgumentParser(prog="python -m bench.alarms", description=(__doc__ or "").splitlines()[0])
    known.add_argument("--months", type=int, default=1_000, help="without drift, for each size; fewer of large windows")
    known.add_argument("--rows", type=int, nargs="+", default=[250, 500, 1_000, 5_000, 100_000])
    known.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what is measured (all of it)")
    known.add_argument("--seed", type=int, default=1)
    known.add_argument("--no-results", action="store_true")
    given = known.parse_args()
    model_file = read(MODEL)
    report = Table("False alarms and power, 20 columns, a reference of 5,000", HEADS)
    if "no-drift" in given.parts:
        no_drift(report, given.rows, given.months, model_file, given.seed)
    if "power" in given.parts:
        power(report, min(given.months, 400), model_file, given.seed)
    if "season" in given.parts:
        histories(report, min(given.months, 400), read(DATED), given.seed)
    if "faint" in given.parts:
        faint(report, model_file, given.seed)
    if "peers" in given.parts:
        peers(report, min(given.months, 60), given.seed)
    if not given.no_results:
        report.keep()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
