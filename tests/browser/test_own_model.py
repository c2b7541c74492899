"""A data scientist's first five minutes: the guide's own words, from the model file to the model's page."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import expect
from tests.browser.conftest import serving
from tests.browser.visitor import Arrive, Visitor

from plumbline.demo.people import PASSWORD

GUIDE = Path("docs/how-to/your-own-model.md")


@dataclass
class Terminal:
    """Where the guide's commands are typed; what belongs on a terminal is drawn on a real one."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def types(self, *words: str) -> tuple[int, str, str]:
        """(exit code, answer, what was drawn)"""
        here, there = pty.openpty()
        door = [sys.executable, "-m", "plumbline", *words]
        done = subprocess.Popen(
            door, cwd=self.folder, env={**os.environ, **self.settings}, stdout=subprocess.PIPE, stderr=there
        )
        os.close(there)
        drawn = b"".join(iter(lambda: _read(here), b"")).decode()
        os.close(here)
        return done.wait(), done.communicate()[0].decode(), drawn

    def chooses(self, user_id: str, given: str) -> None:
        """A password of one's own in place of the one that was given."""
        self.settings |= {"PLUMBLINE_USER": user_id, "PLUMBLINE_PASSWORD": given, "PLUMBLINE_NEW_PASSWORD": PASSWORD}
        code, _, drawn = self.types("user", "password")
        assert code == 0, drawn
        del self.settings["PLUMBLINE_NEW_PASSWORD"]
        self.settings["PLUMBLINE_PASSWORD"] = PASSWORD


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that nobody writes any more
        return b""


def test_a_data_scientist_sees_an_own_model(root: Path, shared: Path, arrive: Arrive, tmp_path: Path) -> None:
    model = re.findall(r"```toml\n(.*?)```", (root / GUIDE).read_text(), re.DOTALL)[0]
    log = str(shared / "data" / "sba_loans" / "scored.parquet")
    file, store = tmp_path / "sba.toml", tmp_path / "own.duckdb"
    own = Terminal(tmp_path, {"PLUMBLINE_STORE": str(store)})

    file.write_text(model.replace("favourable =", "favorable ="))
    code, _, drawn = own.types("monitor", str(file), "--log", log, "--dry-run")
    assert code == 2
    assert "favorable" in drawn
    assert "favourable" in drawn, "the nearest known key is named"

    file.write_text(model)
    code, answer, drawn = own.types("monitor", str(file), "--log", log, "--dry-run")
    assert code == 0, drawn
    assert re.search(r"\[#+\.*\] +\d+ %", drawn), "a bar is drawn while rows are counted"
    assert "88,881 rows" in answer
    assert not store.exists()

    administrators = json.loads(own.types("init", "--json")[1])["administrators"]
    own.chooses("admin.one", administrators["admin.one"])
    code, answer, drawn = own.types("user", "add", "bo.lund", "--name", "Bo Lund", "--role", "validator", "--json")
    assert code == 0, drawn
    given = json.loads(answer)["password"]
    answer = own.types("user", "add", "ana.ito", "--name", "Ana Ito", "--role", "model_owner", "--json")[1]
    own.chooses("admin.two", administrators["admin.two"])
    for user, role in (("ana.ito", "model_owner"), ("bo.lund", "validator")):
        assert own.types("user", "role", user, role)[0] == 0
    own.chooses("ana.ito", json.loads(answer)["password"])
    assert own.types("register", str(file))[0] == 0
    assert own.types("monitor", str(file), "--log", log)[0] == 0
    assert own.types("verify")[0] == 0
    code, answer, drawn = own.types("gate", "sba-default", "1.0")
    assert code == 1, answer + drawn

    with serving(store) as url:
        owner = arrive(url)
        owner.sign_in("ana.ito")
        owner.page.get_by_role("link", name="Model", exact=True).first.click()
        owner.settled()
        owner.reads("SBA loan default")
        owner.page.get_by_role("link", name="Performance", exact=True).first.click()
        owner.settled()
        expect(owner.page.locator(".js-plotly-plot").first).to_be_visible()
        owner.reads("AUC")
        _first_day(arrive(url), given)


def _first_day(validator: Visitor, given: str) -> None:
    """What was given opens one page alone; a password of one's own can be changed again at any time."""
    validator.open("inventory")
    validator.write("sign-in-user", "bo.lund")
    validator.write("sign-in-password", given)
    validator.press("sign-in-send")
    validator.reads("Choose a password of your own")
    expect(validator.page.get_by_test_id("stSidebar")).to_have_count(0)
    validator.chooses(given, PASSWORD)
    validator.signed_in_by("password-send")
    expect(validator.page.get_by_role("heading", level=1)).to_have_text("Inventory")

    before = validator.cookie()
    validator.press("password-change")
    validator.chooses(PASSWORD, f"{PASSWORD} once more")
    validator.signed_in_by("password-send")
    assert validator.cookie() != before
    validator.page.reload()
    validator.settled()
    expect(validator.page.get_by_test_id("stSidebar")).to_contain_text("Bo Lund")
