"""`plumbline backup` and `plumbline restore` as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.first_steps import choose_own, sit_down_as

from plumbline.cli.main import main


def test_there_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_STORE", str(tmp_path / "store.duckdb"))
    assert main(["init", "--single", "--json"]) == 0
    passwords = json.loads(capsys.readouterr().out)["administrators"]
    choose_own(monkeypatch, "admin.one", passwords["admin.one"])
    capsys.readouterr()
    copy = tmp_path / "copy.duckdb"
    assert main(["backup", str(copy)]) == 0
    assert f"{copy} holds the store up to event 3" in capsys.readouterr().out
    assert main(["user", "add", "ana.ito", "--name", "Ana Ito", "--role", "model_owner", "--json"]) == 0
    given = json.loads(capsys.readouterr().out)["password"]

    choose_own(monkeypatch, "ana.ito", given)
    assert main(["restore", str(copy)]) == 2, "Ana is not in the backup"
    assert "The name or the password is wrong" in capsys.readouterr().err
    sit_down_as(monkeypatch, "admin.one")
    assert main(["restore", str(copy), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["seq"] == 3
    assert Path(answer["before"]).exists()
    assert main(["verify"]) == 0
    assert main(["user", "list"]) == 0
    assert "ana.ito" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verb", "says"), [("backup", "There is no store yet"), ("restore", "There is no such backup")]
)
def test_what_is_not_there(
    verb: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUMBLINE_STORE", str(tmp_path / "store.duckdb"))
    assert main([verb, str(tmp_path / "copy.duckdb")]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
