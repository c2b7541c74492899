"""On real data, where it lies beside the project: what must be found is found, and the page says what was."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.real_data.__main__ import main, table
from bench.real_data.trials import TRIALS, Trial

QUICK = ("acs_employment_ma", "diabetic_data, more missing")  # seconds; the others read or judge more


@pytest.mark.parametrize(
    "trial",
    [pytest.param(each, id=each.key, marks=[] if each.key in QUICK else pytest.mark.long) for each in TRIALS],
)
def test_what_must_be_found_is_found(trial: Trial, shared: Path, root: Path, tmp_path: Path) -> None:
    if why := trial.absent(shared / "data"):
        pytest.skip(why)
    found = trial.run(shared / "data", tmp_path)
    assert [words for words, holds in trial.claims(found).items() if not holds] == []
    page = (root / "docs" / "real-data.md").read_text(encoding="utf-8")
    assert "\n".join(table(trial, found)) in page, "python -m bench.real_data prints the page's tables"


def test_without_the_data_the_script_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path), "--only", "sba_loans"]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'sba_loans' / 'scored.parquet'} is absent, so sba_loans is not monitored." in said
    assert "Nothing was monitored" in said
