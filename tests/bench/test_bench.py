"""The benchmarks themselves: they run in a tiny size, the workload is the same for the same seed, results are kept."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from bench.drawn_columns import quiet, rows_of
from bench.measuring import Failed, Table, python
from bench.peers.__main__ import PEERS

from bench import accuracy, alarms_of_peers, count, coverage, domain, scan, seasons, selective, workload

ROWS = 1_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workload")
    workload.write(folder, ROWS, windows=3)
    return folder


def test_the_same_seed_writes_the_same_rows(data: Path, tmp_path: Path) -> None:
    workload.main([str(tmp_path), "--rows", str(ROWS), "--windows", "3"])
    for file in sorted(data.glob("*.parquet")):
        assert pq.read_table(file).equals(pq.read_table(tmp_path / file.name)), file.name
    table = pq.read_table(data / "current_02.parquet")
    assert (table.num_rows, table.column("label").null_count) == (ROWS, ROWS), "labels of the last two are not in"
    assert pq.read_table(data / "current_01.parquet").column("label").null_count == 0
    assert len([name for name in table.column_names if name.startswith(("num_", "cat_"))]) == 30


def test_the_scan_reads_every_file(data: Path) -> None:
    taken = scan.scan([str(file) for file in data.glob("*.parquet")])
    assert 0 < taken["wall"] < 60


def test_starts_are_measured_and_printed_with_their_bounds(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--rows", str(ROWS), "--data", str(data), "--only", "start", "--times", "1", "--no-results"]
    count.main(words)
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("plumbline --help") and line.split()[-3] == "0.3" for line in lines)
    assert lines[-1].startswith("monitor on 1,000 rows")
    assert lines[-1].split()[-1] in ("yes", "NO")


def test_figures_lie_within_their_bounds(data: Path) -> None:
    sides = data / "reference.parquet", data / "current_01.parquet"
    lines = list(accuracy.compared(*sides, accuracy.measured(*sides)))
    # The area's promise is for a million rows; sums are kept in units, whose rounding a thousand rows do not average.
    loose = {"roc_auc": 1e-3, "log_loss": 1e-9, "brier_score": 1e-9}
    assert len(lines) == 19
    for line in lines:
        assert line.error <= loose.get(line.name, line.bound), line


def test_intervals_hold_the_truth_as_often_as_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--draws", "400", "--no-results", "--only", "Wilson", "MCC", "widest gap", "Brier", "actual / expected"]
    printed = []
    for _ in range(2):
        coverage.main(words)
        printed.append([line for line in capsys.readouterr().out.splitlines() if not line.startswith("Measured")])
    assert printed[0] == printed[1], "the same seed, the same table"
    assert [line.split()[-1] for line in printed[0][-5:]] == ["yes"] * 5


def test_a_trial_of_all_columns_at_once_changes_no_column_by_itself() -> None:
    chance = np.random.default_rng(1)
    before, after = (domain.sample(4_000, shift, chance) for shift in (domain.same, domain.turned))
    assert (before[1], len(before[2])) == (after[1], 6)
    (here, there), names = (each[0].values for each in (before, after)), before[1]
    assert np.abs(here.mean(axis=0) - there.mean(axis=0))[:5] == pytest.approx(0, abs=0.15)
    pair = [names.index("num_00"), names.index("num_01")]
    assert [np.asarray(np.corrcoef(each[:, pair].T))[0, 1] for each in (here, there)] == pytest.approx(
        [0.6, -0.6], abs=0.05
    )
    (found, truth) = next(domain.trial(domain.turned, 60, 1, seed=1))
    assert 0.3 < truth < 0.9
    assert found.n == 60


def test_simulated_scorecards_are_measured_beside_their_truth() -> None:
    found = list(selective.trial(selective.as_drawn, 2, 400, seed=1))
    assert len(found) == 2
    for truth, figures in found:
        for metric in selective.METRICS:
            assert figures[metric].lowest <= truth[metric] <= figures[metric].highest, metric
    worst = next(selective.trial(selective.upside_down, 1, 400, seed=1))[0]
    assert worst["roc_auc"] < found[0][0]["roc_auc"]


def test_a_failed_process_is_named_with_what_it_said() -> None:
    with pytest.raises(Failed, match="ended with 2"):
        python("plumbline", "verify", "--store", "/nowhere/at/all.duckdb")


def test_a_part_of_the_results_replaces_its_last_run_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "results.md"
    for figure in ("1", "2"):
        for title in ("One", "Two"):
            table = Table(title, ("work", "wall s"))
            table.add(f"{title} done", figure)
            table.keep(file)
    text = file.read_text()
    assert text.count("## One") == text.count("## Two") == 1
    assert "| One done | 2 |" in text
    assert "| Two done | 2 |" in text
    assert "| 1 |" not in text


def test_every_peer_has_its_script() -> None:
    folder = Path(count.__file__).parent / "peers"
    scripts = {file.stem for file in folder.glob("*.py")} - {"__main__"}
    assert scripts == {peer.script for peer in PEERS} | {f"{home}_alarms" for home in alarms_of_peers.PEERS}
    for script in scripts:
        assert ast.get_docstring(ast.parse((folder / f"{script}.py").read_text()))


def test_months_move_by_a_season_and_by_effects_that_last_into_the_next() -> None:
    found = seasons.effects([f"num_{at:03d}" for at in range(400)], 36, np.random.default_rng(1))
    months = np.array(list(found.values()))
    assert months.std() == pytest.approx((seasons.SEASON**2 / 2 + seasons.EFFECT**2) ** 0.5, rel=0.05)
    effects = months[:, 12:] - months[:, :-12]  # the season is gone, the effects' memory of a month is not
    memory = (effects[:, 1:] * effects[:, :-1]).mean() / (effects**2).mean()
    assert memory == pytest.approx(seasons.PHI, abs=0.05)


@pytest.mark.parametrize("name", ["num_00", "num_07", "num_11", "num_13", "score"])
def test_a_column_is_moved_by_its_own_standard_deviations(name: str) -> None:
    chance = np.random.default_rng(2)
    values = rows_of(20_000, quiet, chance)[name]
    moved = seasons.moved(name, values, 0.3, chance)
    middle = np.quantile(values, 0.5)
    assert np.mean(moved > middle) - np.mean(values > middle) == pytest.approx(0.118, abs=0.06)
