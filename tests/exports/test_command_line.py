"""`plumbline export`: the suffix chooses the format, the stamp lies beside a table, nonsense ends in 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plumbline.cli.main import main
from plumbline.domain.chain import sha256

pytestmark = pytest.mark.usefixtures("closed")


@pytest.fixture
def closed(archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive with its store closed, the auditor at the terminal."""
    archive.ctx.store.close()
    monkeypatch.setenv("PLUMBLINE_USER", "aud")
    monkeypatch.setenv("PLUMBLINE_PASSWORD", "a long password")
    monkeypatch.setenv("PLUMBLINE_STORE", str(archive.path))


def test_a_table_has_its_stamp_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "inventory.csv"
    assert main(["export", "inventory", "--out", str(out)]) == 0
    beside = json.loads((tmp_path / "inventory.csv.stamp.json").read_text())
    assert beside["sha256"] == sha256(out.read_bytes())
    assert beside["stamp"]["rows"] == 1


def test_the_log_verifies_by_the_same_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "log.json"
    assert main(["export", "approvals", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sha256"] == sha256(out.read_bytes())
    assert main(["verify", str(out)]) == 0


def test_a_report_is_found_by_its_model(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert main(["export", "validation-report", "--model", "m", "--out", str(out)]) == 0
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["inventory", "--out", "inventory.docx"], ".csv or .json"),
        (["validation-report", "--out", "report.html"], "is of a case"),
        (["inventory", "--out", "no/such/inventory.csv"], "no such folder"),
    ],
)
def test_unusable_requests_are_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *words]) == 2
    assert said in capsys.readouterr().err
