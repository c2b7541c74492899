"""init, user, register, gate and verify as a shell sees them: exit codes, words, and nothing half-done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.first_steps import PASSWORD, settled

from plumbline.cli.main import main
from plumbline.domain.people import Role

FILE = """
[model]
id = "sba-default"
name = "SBA loan default"
purpose = "Ranks small-business loans"
owner = "ana.ito"
family = "credit_pd"
task = "binary"
[version]
id = "1.0"
[log]
timestamp = "t"
score = "score"
label = "label"
"""


class Shell:
    """Runs verbs against one store, as one person after another."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.capsys, self.environment = store, capsys, monkeypatch
        self.administrators: dict[str, str] = {}

    def run(self, *words: str) -> tuple[int, str, str]:
        code = main([words[0], *words[1:], "--store", str(self.store)])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def json(self, *words: str) -> tuple[int, Any]:
        code, out, _ = self.run(*words, "--json")
        return code, json.loads(out)

    def become(self, user_id: str, password: str = PASSWORD) -> None:
        self.environment.setenv("PLUMBLINE_USER", user_id)
        self.environment.setenv("PLUMBLINE_PASSWORD", password)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in ("PLUMBLINE_STORE", "PLUMBLINE_USER", "PLUMBLINE_PASSWORD", "PLUMBLINE_NEW_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return Shell(tmp_path / "s.duckdb", capsys, monkeypatch)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    store = tmp_path_factory.mktemp("ready") / "s.duckdb"
    settled(store, {"admin.two": Role.ADMINISTRATOR, "ana.ito": Role.MODEL_OWNER})
    return store.read_bytes()


@pytest.fixture
def started(shell: Shell, ready: bytes) -> Shell:
    """A store with its administrators, signed in as the first, and Ana in the register."""
    shell.store.write_bytes(ready)
    shell.become("admin.one")
    return shell


def test_init_makes_two_administrators_once(shell: Shell) -> None:
    code, made = shell.json("init")
    assert (code, len(made["administrators"]), made["duties_separated"]) == (0, 2, True)
    code, _, err = shell.run("init")
    assert code == 2
    assert "has accounts already" in err


def test_init_single_says_that_duties_are_not_separated(shell: Shell) -> None:
    code, out, _ = shell.run("init", "--single")
    assert code == 0
    assert "duties are not separated" in out


def test_no_verb_makes_a_store_by_accident(shell: Shell) -> None:
    code, _, err = shell.run("verify")
    assert (code, shell.store.exists()) == (2, False)
    assert "There is no store yet" in err


def test_accounts_are_added_given_roles_and_disabled(started: Shell) -> None:
    waits = "it waits for another administrator to ask for the same: plumbline user role ana.ito validator"
    assert started.json("user", "role", "ana.ito", "validator")[1]["did"] == f"proposed Validator; {waits}"
    assert started.json("user", "role", "ana.ito", "validator")[1]["did"].startswith("nothing: you have proposed")
    started.become("admin.two")
    assert started.json("user", "role", "ana.ito", "validator")[1]["did"] == "granted Validator"
    assert started.json("user", "role", "ana.ito", "validator")[1]["did"] == "nothing: that is so already"
    assert started.json("user", "role", "ana.ito", "validator", "--revoke", "moved")[1]["did"] == "revoked Validator"
    assert started.run("user", "disable", "ana.ito", "--reason", "left")[0] == 0
    _, listed = started.json("user", "list")
    ana = next(p for p in listed["people"] if p["user"] == "ana.ito")
    assert (ana["roles"], ana["active"]) == (["model_owner"], False)


def test_a_role_is_given_for_a_business_line_and_reviewed(started: Shell) -> None:
    line = ("--for", "business_line=Cards")
    added = started.json("user", "add", "bo.lund", "--name", "Bo Lund", "--role", "validator", *line)[1]["did"]
    again = "plumbline user role bo.lund validator --for 'business_line=Cards'"
    assert added.endswith(f"proposed Validator (business line Cards); it waits for another administrator to ask for "
                          f"the same: {again}")  # fmt: skip
    assert "(waits: Validator (business line Cards), proposed by admin.one)" in started.run("user", "list")[1]
    started.become("admin.two")
    assert started.json("user", "role", "bo.lund", "validator", *line)[1]["did"].startswith("granted")
    assert started.run("user", "review", "bo.lund", "--comment", "Validates cards")[0] == 0
    bo = next(p for p in started.json("user", "list")[1]["people"] if p["user"] == "bo.lund")
    assert (bo["grants"], bo["waiting"], bo["reviewed_by"]) == (["Validator (business line Cards)"], [], "admin.two")
    assert started.json("user", "role", "bo.lund", "validator", *line, "--revoke", "moved")[1]["did"].startswith(
        "revoked Validator (business line Cards)"
    )


@pytest.mark.parametrize("told", ["business_line", "business_line=", "team=Cards", "everywhere=x"])
def test_a_scope_that_says_nothing_is_refused(started: Shell, told: str) -> None:
    code, _, err = started.run("user", "role", "ana.ito", "validator", "--for", told)
    assert code == 2
    assert "does not say what the role reaches" in err
    assert "business_line=NAME" in err


def test_who_is_not_an_administrator_adds_nobody(started: Shell) -> None:
    started.become("ana.ito")
    code, _, err = started.run("user", "add", "eve", "--name", "Eve")
    assert code == 2
    assert "may not add person" in err


def test_without_a_person_nothing_is_done(started: Shell) -> None:
    started.environment.delenv("PLUMBLINE_USER")
    code, _, err = started.run("user", "list")
    assert code == 2
    assert "Set PLUMBLINE_USER" in err


def test_register_enters_once_and_names_the_gaps(started: Shell, tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(FILE, encoding="utf-8")
    started.become("ana.ito")
    code, done = started.json("register", str(file))
    assert (code, done["events"][:2]) == (0, ["model_registered", "version_registered"])
    assert "developers" in done["gaps"]
    code, out, _ = started.run("register", str(file))
    assert code == 0
    assert "nothing changed" in out


def test_register_refuses_an_unknown_owner_and_changes_nothing(started: Shell, tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(FILE.replace("ana.ito", "nobody"), encoding="utf-8")
    started.become("ana.ito")
    before = started.json("verify")[1]["seq"]
    code, refused = started.json("register", str(file))
    assert (code, refused["error"]) == (2, "NotFound")
    assert started.json("verify")[1]["seq"] == before


def test_the_gate_is_closed_with_its_reason(started: Shell, tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(FILE, encoding="utf-8")
    started.become("ana.ito")
    started.run("register", str(file))
    code, answer = started.json("gate", "sba-default", "1.0")
    assert (code, answer["open"], answer["reasons"]) == (1, False, ["Version 1.0 has never been approved."])
    assert started.run("gate", "sba-default", "9")[0] == 2


def test_verify_holds_keeps_an_anchor_and_then_finds_the_log_cut(started: Shell) -> None:
    code, out, _ = started.run("verify")
    assert code == 0
    assert "BROKEN" not in out
    anchor = Path(f"{started.store}.anchor")
    lines = anchor.read_text(encoding="utf-8").splitlines()
    kept = json.loads(lines[-1])
    assert kept["occasion"] == "verify"
    kept["event"][1] = "0" * 64
    anchor.write_text(json.dumps(kept), encoding="utf-8")
    code, out, _ = started.run("verify")
    assert code == 1
    assert "had another hash" in out


def test_verify_answers_no_for_a_file_that_was_edited(started: Shell) -> None:
    content = started.store.read_bytes()
    assert b"Ana Ito" in content
    started.store.write_bytes(content.replace(b"Ana Ito", b"Eve Ito"))
    code, out, _ = started.run("verify")
    assert code == 1
    assert "changed from outside" in out


def test_a_password_that_was_given_opens_nothing_until_another_is_chosen(shell: Shell) -> None:
    _, made = shell.json("init")
    given = made["administrators"]["admin.one"]
    shell.become("admin.one", given)
    code, refused = shell.json("user", "list")
    assert (code, refused["error"]) == (2, "NotAuthorised")
    assert refused["what"] == "First administrator still has the password that somebody else chose"
    assert "plumbline user password" in refused["do"]
    code, _, err = shell.run("user", "password")
    assert code == 2
    assert "Set PLUMBLINE_NEW_PASSWORD" in err
    shell.environment.setenv("PLUMBLINE_NEW_PASSWORD", "admin.one plumbline")
    assert shell.json("user", "password")[1]["error"] == "WeakPassword"
    shell.environment.setenv("PLUMBLINE_NEW_PASSWORD", given)
    assert shell.json("user", "password")[1]["what"] == "The new password is the present one"
    shell.environment.setenv("PLUMBLINE_NEW_PASSWORD", PASSWORD)
    assert shell.run("user", "password")[0] == 0
    assert "wrong" in shell.run("user", "list")[2], "the one that was given opens nothing any more"
    shell.become("admin.one")
    assert shell.run("user", "list")[0] == 0
    assert shell.run("verify")[0] == 0


def test_a_reset_is_an_administrators_and_gives_a_password_that_opens_nothing(started: Shell) -> None:
    code, done = started.json("user", "reset", "ana.ito", "--reason", "forgot it")
    assert code == 0
    started.become("ana.ito", done["password"])
    assert "somebody else chose" in started.run("user", "list")[2]
    started.become("admin.one")
    assert "Nobody resets their own" in started.run("user", "reset", "admin.one", "--reason", "forgot it")[2]
    assert "There is no account 'eve'" in started.run("user", "reset", "eve", "--reason", "forgot it")[2]
    started.environment.setenv("PLUMBLINE_NEW_PASSWORD", "too short")
    assert "15 are the least" in started.run("user", "reset", "ana.ito", "--reason", "forgot it")[2]
    assert "15 are the least" in started.run("user", "add", "eve", "--name", "Eve")[2]
    assert started.run("verify")[0] == 0
