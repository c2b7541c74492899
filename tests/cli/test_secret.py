"""Secrets in files, as containers and systemd give them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Keyboard

from plumbline.cli.main import main
from plumbline.cli.secret import secret
from plumbline.domain.errors import PlumblineError

NAME = "PLUMBLINE_PASSWORD"


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Path]:
    """Puts it into a file, and the file's name into the environment."""

    def put(said: bytes) -> Path:
        monkeypatch.delenv(NAME, raising=False)
        (file := tmp_path / "password").write_bytes(said)
        monkeypatch.setenv(f"{NAME}_FILE", str(file))
        return file

    return put


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_file_ends_where_its_line_ends(given: Callable[[bytes], Path], ending: bytes) -> None:
    given(b" correct horse " + ending)
    assert secret(NAME) == " correct horse "


def test_two_sources_are_one_too_many(given: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    given(b"one")
    monkeypatch.setenv(NAME, "two")
    with pytest.raises(PlumblineError, match="Both PLUMBLINE_PASSWORD and PLUMBLINE_PASSWORD_FILE are set"):
        secret(NAME)


def test_a_file_that_is_none_is_named_and_never_quoted(given: Callable[[bytes], Path]) -> None:
    file = given(b"\xff secret")
    with pytest.raises(PlumblineError, match="no text in UTF-8") as refused:
        secret(NAME)
    assert "secret" not in str(refused.value)
    file.unlink()
    with pytest.raises(PlumblineError, match=f"No such file or directory .{file}"):
        secret(NAME)


def test_a_person_is_signed_in_by_it(
    keyboard: Keyboard,
    given: Callable[[bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given(b"correct horse battery\n")
    assert main(["user", "token", "new", "nightly", "--role", "model_owner"]) == 0
    shown = capsys.readouterr().out
    token = next(line for line in shown.splitlines() if "Secret" in line).split(": ")[1]
    monkeypatch.delenv(f"{NAME}_FILE")
    monkeypatch.delenv("PLUMBLINE_USER")
    (file := keyboard.folder / "token").write_text(f"{token}\n")
    monkeypatch.setenv("PLUMBLINE_TOKEN_FILE", str(file))
    assert main(["user", "list"]) == 0
    file.write_text(f"{token}x")
    assert main(["user", "list"]) == 2
    assert token not in capsys.readouterr().err
