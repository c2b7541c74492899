"""`monitor` over a store that knows something: only what is new is read, and stored counts can be judged again."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from plumbline.cli.main import main
from plumbline.policy.load import SHIPPED

if TYPE_CHECKING:
    from tests.cli.conftest import Keyboard

SPEAKING = """select "window", arg_max(run_id, run_seq) from result group by "window" order by 1"""


def results(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """In an order of their own: counted and stored profiles name segments in different orders."""
    found: list[dict[str, Any]] = answer["results"]
    return sorted(found, key=lambda each: [str(each[key]) for key in ("window", "metric", "column", "segment")])


def test_a_second_run_reads_what_is_new_and_says_what_it_took_over(keyboard: Keyboard) -> None:
    first = keyboard.monitor(*keyboard.log)
    assert first["run"]["taken_over"] == {}
    keyboard.month(3)
    second = keyboard.monitor(*keyboard.log)
    run = first["run"]["id"]
    assert second["run"]["taken_over"] == {"2026-01": run, "2026-02": run, "reference": run}
    assert second["run"]["rows_in"] == 4 * 1_500
    full = keyboard.monitor(*keyboard.log, "--dry-run")
    assert (results(second), second["profile"]) == (results(full), full["profile"])
    assert keyboard.rows(SPEAKING) == [
        ("2026-01", run), ("2026-02", run), ("2026-03", second["run"]["id"]), ("reference", run),
    ]  # fmt: skip
    assert keyboard.holds()


def test_nothing_new_is_told_and_stored_as_a_run_without_windows(keyboard: Keyboard) -> None:
    keyboard.monitor(*keyboard.log)
    before = keyboard.rows("select count(*) from result")
    assert main(["monitor", str(keyboard.model), *keyboard.log]) == 0
    said = keyboard.capsys.readouterr().out
    assert "not read again, since their sources are unchanged: the reference and 2 windows (2026-01, 2026-02)" in said
    assert keyboard.rows("select count(*) from result") == before
    assert keyboard.rows("select windows from monitoring_run order by seq desc limit 1") == [("[]",)]
    assert keyboard.holds()


def test_storing_a_run_starts_no_pandas(keyboard: Keyboard) -> None:
    code = (
        "import sys; from plumbline.cli.main import main; code = main(sys.argv[1:]); "
        "print(sorted({'pandas', 'scipy.stats', 'ibis', 'zxcvbn'} & set(sys.modules)), code, file=sys.stderr)"
    )
    words = ["monitor", str(keyboard.model), *keyboard.log]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"


def test_a_dry_run_starts_with_little(keyboard: Keyboard) -> None:
    code = (
        "import sys; from plumbline.cli.main import main; code = main(sys.argv[1:]); "
        "heavy = {'pandas', 'scipy', 'ibis', 'argon2', 'plumbline.store', 'plumbline.workflow', 'streamlit'}; "
        "print(sorted(heavy & set(sys.modules)), code, file=sys.stderr)"
    )
    words = ["monitor", str(keyboard.model), *keyboard.log, "--dry-run"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"


def test_a_person_reads_the_same_however_much_was_taken_over(keyboard: Keyboard) -> None:
    def told(*words: str) -> list[str]:
        assert main(["monitor", str(keyboard.model), *keyboard.log, *words]) == 0
        # Of equally grave figures the first named come first: counted and stored profiles name them in other orders.
        return sorted(line for line in keyboard.capsys.readouterr().out.splitlines() if "not read again" not in line)

    told()
    keyboard.month(3)
    once, nothing_new = told(), told()
    assert once == nothing_new == told("--dry-run")
    assert any("All windows, columns and segments" in line for line in once)


def test_recount_trusts_nothing_and_supersedes(keyboard: Keyboard) -> None:
    first = keyboard.monitor(*keyboard.log)
    again = keyboard.monitor(*keyboard.log, "--recount")
    assert again["run"]["taken_over"] == {}
    assert results(again) == results(first)
    assert {run for _, run in keyboard.rows(SPEAKING)} == {again["run"]["id"]}
    assert keyboard.rows("select count(*), count(distinct sha256) from profile") == [(3, 3)]
    assert keyboard.holds()


def test_a_changed_file_supersedes_its_window(keyboard: Keyboard) -> None:
    first = keyboard.monitor(*keyboard.log)["run"]["id"]
    keyboard.month(2, seed=99)
    second = keyboard.monitor(*keyboard.log)["run"]
    assert sorted(second["taken_over"]) == ["2026-01", "reference"]
    assert keyboard.rows(SPEAKING) == [("2026-01", first), ("2026-02", second["id"]), ("reference", first)]


def test_a_changed_window_has_those_after_it_judged_again(keyboard: Keyboard) -> None:
    """How far an estimate is believed follows from the windows before it."""
    keyboard.month(3)
    first = keyboard.monitor(*keyboard.log)["run"]["id"]
    keyboard.month(2, seed=99)
    second = keyboard.monitor(*keyboard.log)
    assert sorted(second["run"]["taken_over"]) == ["2026-01", "2026-03", "reference"]
    assert keyboard.rows(SPEAKING) == [
        ("2026-01", first), ("2026-02", second["run"]["id"]), ("2026-03", second["run"]["id"]), ("reference", first),
    ]  # fmt: skip
    assert results(second) == results(keyboard.monitor(*keyboard.log, "--dry-run"))


def test_stored_profiles_are_judged_again_without_the_log(keyboard: Keyboard) -> None:
    first = keyboard.monitor(*keyboard.log)
    for path in keyboard.folder.rglob("*.parquet"):
        path.unlink()
    again = keyboard.monitor("--from-profiles")
    assert again["run"]["engine"] == "from profiles"
    assert results(again) == results(first)
    assert {run for _, run in keyboard.rows(SPEAKING)} == {again["run"]["id"]}
    assert keyboard.rows("select count(*) from profile") == [(3,)]
    assert keyboard.holds()


def test_a_stored_window_can_be_the_reference_and_the_counted_one_again(keyboard: Keyboard) -> None:
    keyboard.month(3)
    first = keyboard.monitor(*keyboard.log)
    moved = keyboard.monitor("--from-profiles", "--reference-window", "2026-01", "2026-03")
    assert "2026-01 + 2026-03, from stored profiles; bins and deciles stay those" in " ".join(moved["run"]["notes"])
    assert moved["profile"]["windows"]["reference"]["rows"] == 3_000
    [row] = [
        r for r in results(moved) if (r["window"], r["metric"], r["column"]) == ("reference", "missing_rate", "income")
    ]
    assert row["n"] == 3_000
    assert keyboard.holds()
    back = keyboard.monitor("--from-profiles", "--reference-window", "reference")
    assert results(back) == results(first)
    # A log counted now is held against the reference that its files are.
    keyboard.monitor("--from-profiles", "--reference-window", "2026-01")
    counted = keyboard.monitor(*keyboard.log)
    assert results(counted) == results(first)
    assert sorted(counted["run"]["taken_over"]) == ["2026-01", "2026-02", "2026-03", "reference"]
    assert {run for _, run in keyboard.rows(SPEAKING)} == {counted["run"]["id"]}


def test_another_policy_is_tried_without_writing(keyboard: Keyboard, tmp_path: Path) -> None:
    keyboard.monitor(*keyboard.log)
    packs = tmp_path / "packs"
    packs.mkdir()
    for pack in SHIPPED.glob("*.toml"):
        (packs / pack.name).write_text(
            pack.read_text(encoding="utf-8").replace("version = ", "version = 'tried' #"), encoding="utf-8"
        )
    runs = keyboard.rows("select count(*) from monitoring_run")
    tried = keyboard.monitor("--from-profiles", "--dry-run", "--policy", str(packs))
    assert {r["policy"] for r in results(tried)} == {tried["run"]["policy"]}
    assert keyboard.rows("select count(*) from monitoring_run") == runs


def test_days_merge_into_months(sit_down: Callable[..., Keyboard]) -> None:
    keyboard = sit_down("day")
    for number in range(3):
        keyboard.month(number, rows=600)
    keyboard.monitor(*keyboard.log)
    merged = keyboard.monitor("--from-profiles", "--dry-run", "--window", "month")
    keyboard.model.write_text(keyboard.model.read_text().replace('"day"', '"month"'))
    counted = keyboard.monitor(*keyboard.log, "--dry-run")
    assert [w["window"] for w in merged["run"]["windows"]] == ["2026-01", "2026-02"]
    assert results(merged) == results(counted)


def test_rows_are_told_apart_only_where_rows_were_counted(keyboard: Keyboard) -> None:
    """A run of counts says so where windows are merged; where they stand as they were, the figure is the same."""
    asked = 'domain_rows = 500\ncategorical = ["sector"]\nsegments'
    keyboard.model.write_text(keyboard.model.read_text().replace("segments", asked))
    counted = keyboard.monitor(*keyboard.log)
    first = [each for each in results(counted) if each["metric"] == "domain_auc"]
    assert {each["window"] for each in first} == {"2026-01", "2026-02"}
    again = keyboard.monitor("--from-profiles", "--dry-run")
    assert [each for each in results(again) if each["metric"] == "domain_auc"] == first
    merged = keyboard.monitor("--from-profiles", "--dry-run", "--window", "year")
    assert not [each for each in results(merged) if each["metric"] == "domain_auc"]
    assert any("domain_rows" in note for note in merged["run"]["notes"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "Nothing says what to judge"),
        (("--from-profiles", "--log", "x"), "A log is counted, or stored profiles are"),
        (("--from-profiles", "--window", "month"), "shown, not stored"),
        (("--log", "x", "--window", "month", "--dry-run"), "Only stored windows add up"),
        (("--from-profiles", "--policy", "."), "judged under the policy in force"),
        (("--from-profiles", "--dry-run"), "No profiles of loans 1.0 are stored"),
        (("--log", "nowhere.parquet"), "no such file"),
    ],
)
def test_what_does_not_go_together_is_refused(keyboard: Keyboard, words: tuple[str, ...], why: str) -> None:
    assert why in keyboard.monitor(*words, code=2)["what"]


def test_an_unknown_reference_window_is_refused(keyboard: Keyboard) -> None:
    keyboard.monitor(*keyboard.log)
    refused = keyboard.monitor("--from-profiles", "--reference-window", "2031-01", code=2)
    assert "2031-01" in refused["what"]
    assert "2026-01, 2026-02" in refused["do"]


def test_profiles_of_another_log_section_are_not_judged(keyboard: Keyboard) -> None:
    keyboard.monitor(*keyboard.log)
    keyboard.model.write_text(keyboard.model.read_text().replace("threshold = 0.5", "threshold = 0.4"))
    assert "counted under another [log]" in keyboard.monitor("--from-profiles", code=2)["what"]
    assert keyboard.monitor(*keyboard.log)["run"]["taken_over"] == {}


def test_who_may_not_store_waits_for_no_count(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (keyboard.folder / "log").glob("*"):
        path.write_bytes(b"not a log")
    monkeypatch.setenv("PLUMBLINE_USER", "bo.lund")
    assert keyboard.monitor(*keyboard.log, code=2)["error"] == "NotAuthorised"
    assert keyboard.rows("select actor, action from access where action = 'refused'") == [("bo.lund", "refused")]
    monkeypatch.setenv("PLUMBLINE_USER", "ana.ito")
    keyboard.model.write_text(keyboard.model.read_text().replace('id = "1.0"', 'id = "2.0"'))
    assert keyboard.monitor(*keyboard.log, code=2)["error"] == "NotFound"


def test_a_run_waits_a_little_for_the_store(keyboard: Keyboard) -> None:
    keyboard.monitor(*keyboard.log)
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(keyboard.store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        threading.Timer(0.5, other.stdin.close).start()
        answer = keyboard.monitor("--from-profiles")
    assert answer["run"]["engine"] == "from profiles"


def test_the_account_of_a_run_is_proved(keyboard: Keyboard) -> None:
    keyboard.monitor(*keyboard.log)
    assert keyboard.holds()
    [(content,)] = keyboard.rows("select content from run_account")
    assert {each["role"] for each in json.loads(content)["files"]} == {"log", "reference"}
    keyboard.rows("drop trigger run_account_no_update on run_account")
    keyboard.rows("update run_account set content = replace(content, 'month1', 'month9')")
    assert not keyboard.holds()
