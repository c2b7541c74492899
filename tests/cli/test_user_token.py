"""`plumbline user token` and PLUMBLINE_TOKEN as a shell sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.cli.conftest import Keyboard

from plumbline.cli.main import main

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(keyboard: Keyboard, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """(exit code, answer, what was said) of a verb, by Ana or, with `token`, by a script of hers."""

    def run(*words: str, token: str = "") -> tuple[int, Any, str]:
        with monkeypatch.context() as environment:
            if token:
                environment.delenv("PLUMBLINE_USER")
                environment.delenv("PLUMBLINE_PASSWORD")
                environment.setenv("PLUMBLINE_TOKEN", token)
            code = main([*words, "--json", "--store", str(keyboard.store)])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return run


def made(run: Run, *words: str) -> dict[str, Any]:
    code, answer, said = run("user", "token", "new", "nightly run", "--role", "model_owner", *words)
    assert code == 0, said
    return dict(answer)


def test_a_script_monitors_with_it_and_its_use_is_known(run: Run, keyboard: Keyboard) -> None:
    token = made(run, "--days", "30", "--model", "loans")
    code, _, said = run("monitor", str(keyboard.model), *keyboard.log, token=token["secret"])
    assert code == 0, said
    assert keyboard.holds()
    listed = run("user", "token", "list")[1]["tokens"]
    assert [each["token"] for each in listed] == [token["token"]]
    assert listed[0]["used_at"]
    assert "secret" not in listed[0]


def test_a_token_for_another_model_monitors_nothing(run: Run, keyboard: Keyboard) -> None:
    token = made(run, "--model", "cards")
    code, _, said = run("monitor", str(keyboard.model), *keyboard.log, token=token["secret"])
    assert code == 2
    assert "reaches cards alone" in said
    assert keyboard.rows("select count(*) from result") == [(0,)]
    for export in (("inventory", "all.csv"), ("approvals", "log.json")):
        code, _, said = run("export", export[0], "--out", str(keyboard.folder / export[1]), token=token["secret"])
        assert code == 2
        assert "alone" in said or "may not export" in said


def test_revoked_it_opens_nothing(run: Run) -> None:
    token = made(run)
    assert run("user", "token", "revoke", token["token"], "--reason", "rotated")[1]["did"] == "revoked"
    code, _, said = run("user", "list", token=token["secret"])
    assert code == 2
    assert "unknown, revoked or past its day" in said
    assert token["secret"] not in said


def test_it_makes_no_other_and_no_account(run: Run) -> None:
    token = made(run)["secret"]
    code, _, said = run("user", "token", "new", "more", "--role", "model_owner", token=token)
    assert code == 2
    assert "PLUMBLINE_USER" in said
    assert run("user", "add", "eve", "--name", "Eve", token=token)[0] == 2


@pytest.mark.parametrize(("words", "said"), [(("--days", "0"), "from one day to 365"), (("--days", "900"), "to 365")])
def test_bad_wishes_are_refused_in_words(run: Run, words: tuple[str, ...], said: str) -> None:
    code, _, answer = run("user", "token", "new", "x", "--role", "model_owner", *words)
    assert code == 2
    assert said in answer
