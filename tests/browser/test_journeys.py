"""What readers come to do, walked as they walk it: one decides, one challenges, one proves; clicks are counted."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from tests.browser.visitor import Arrive, Visitor

from plumbline.demo.people import PASSWORD

# Every hash of a year of results is recomputed while the auditor waits.
PROOF_MS = 60_000


@dataclass
class Walk:
    """A visitor whose clicks are counted; typing is none."""

    visitor: Visitor
    clicks: int = 0

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def click_to(self, target: Locator, address: str) -> None:
        self.click(target)
        self.visitor.page.wait_for_url(re.compile(address))
        self.visitor.settled()

    def take(self, key: str, to: Path) -> Path:
        """The file behind the download button with this key."""
        with self.visitor.page.expect_download() as given:
            self.click(self.visitor.page.locator(f".st-key-{key} button").first)
        given.value.save_as(to)
        return to


def on_screen(visitor: Visitor, target: Locator) -> bool:
    """Whether the whole of it is seen without scrolling."""
    box, size = target.bounding_box(), visitor.page.viewport_size
    assert box
    assert size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize(
    ("at", "decision", "allowed", "then"),
    [
        ("busy_estate", "Approve", 3, "Retail PD scorecard version 3.2 was approved until"),
        # The same walk but for one click, where nobody has decided yet; the services' own tests decide every way.
        pytest.param("estate", "Return with a reason", 4, "waits for its validation report", marks=pytest.mark.long),
    ],
)
def test_an_executive_decides_what_waits_for_her(
    request: pytest.FixtureRequest, arrive: Arrive, at: str, decision: str, allowed: int, then: str
) -> None:
    executive = arrive(request.getfixturevalue(at))
    executive.walk_in("executive")
    executive.reads("Within appetite on")
    walk, page = Walk(executive), executive.page

    walk.click_to(page.get_by_role("link", name="Decide").first, "case=")
    for words in ("In brief", "What is asked:", "What is at stake:", "You may sign here"):
        expect(page.get_by_text(words).first).to_be_visible()
    assert on_screen(executive, page.get_by_text("Known weaknesses:")), "the brief is read without scrolling"
    assert on_screen(executive, page.locator(".st-key-vote-sign button").first), "the decision needs no scrolling"
    assert walk.clicks <= 2

    if decision != "Approve":
        walk.click(page.locator(".st-key-vote-decision").get_by_text(decision, exact=True))
        executive.settled()
    executive.write("vote-comment", "What would it cost to leave thin files to a person?")
    walk.click(page.locator(".st-key-vote-sign button").first)
    expect(page.get_by_role("dialog")).to_contain_text("having reviewed the evidence listed")
    page.locator(".st-key-signing-password input").fill(PASSWORD)
    walk.click(page.locator(".st-key-signing-send button").first)
    executive.reads("Signed. Signature")
    executive.reads(then)
    assert walk.clicks <= allowed


def test_a_validator_challenges_and_signs_a_tier_one_version(busy_estate: str, arrive: Arrive) -> None:
    validator = arrive(busy_estate)
    validator.walk_in("validator")
    walk, page = Walk(validator), validator.page

    line = page.locator("[class*=st-key-case-]").filter(has_text="SME PD").first
    expect(line).to_contain_text("tier 1")
    walk.click_to(line.get_by_role("link", name="Open"), "case=")
    validator.reads("past a limit")

    for name, shown in (
        ("Segments", "by segment and window"),
        ("Fairness", "impact ratio"),
        ("Explanations", "One row from base value"),
    ):
        walk.click_to(page.get_by_role("link", name=name).first, f"{name.lower()}.*model=sme-pd")
        validator.reads(shown)
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
    validator.reads("raised most by")

    # A figure that she doubts: its passport makes it again, and its address opens it for whoever else doubts it.
    page.get_by_role("link", name="Performance").first.click()
    page.wait_for_url(re.compile("performance.*model=sme-pd"))
    validator.settled()
    validator.press("passport-status")
    passport = page.get_by_role("dialog")
    expect(passport).to_contain_text("area under the ROC curve")
    expect(passport).to_contain_text("credit_pd.auc_drop")
    validator.press("passport-recompute")
    expect(passport).to_contain_text("the same to the last digit")
    assert "passport=" in page.url
    page.keyboard.press("Escape")
    expect(passport).to_have_count(0)
    # The dialog leaves at the key, the address after the server has heard of it.
    page.wait_for_url(re.compile(r"^((?!passport=).)*$"))
    validator.settled()

    walk.click_to(page.get_by_role("link", name="Approvals").first, "approvals")
    walk.click_to(line.get_by_role("link", name="Open"), "case=")
    walk.click(page.get_by_text("Raise a finding"))
    validator.write("finding-title", "Young firms are ranked worst")
    validator.write("finding-description", "The fall in ranking is largest where lending grows fastest.")
    walk.click(page.locator(".st-key-finding-send button").first)
    validator.reads("The finding is raised and due by its severity.")

    walk.click(page.locator(".st-key-report-outcome").get_by_text("Not fit", exact=True))
    validator.write("report-comment", "Ranking has decayed, and three times the forecast defaults.")
    validator.write("report-independence", "I took no part in building or running this model.")
    walk.click(page.locator(".st-key-report-sign button").first)
    expect(page.get_by_role("dialog")).to_contain_text("Evidence")
    page.locator(".st-key-signing-password input").fill(PASSWORD)
    walk.click(page.locator(".st-key-signing-send button").first)
    validator.reads("Signed. Signature")
    block = page.locator("[class*=st-key-signature-]").filter(has_text="Cara Doyle").first
    expect(block).to_contain_text("I validated")
    assert walk.clicks <= 12


def verify(export: Path) -> subprocess.CompletedProcess[str]:
    """The command line on a machine that has the file and nothing else."""
    door = [sys.executable, "-m", "plumbline", "verify", str(export)]
    return subprocess.run(door, cwd=export.parent, capture_output=True, text=True, check=False)


def test_an_auditor_proves_the_log_and_changes_nothing(quiet_estate: str, arrive: Arrive, tmp_path: Path) -> None:
    auditor = arrive(quiet_estate)
    auditor.sign_in("noor.rahman")
    walk, page = Walk(auditor), auditor.page

    walk.click(page.locator(".st-key-verify button").first)
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Verified: ", timeout=PROOF_MS)
    auditor.reads("Head of the log")
    log = walk.take("export-log", tmp_path / "log.json")
    walk.click_to(page.get_by_role("link", name="Inventory").first, "inventory")
    inventory = walk.take("export-inventory-csv", tmp_path / "inventory.csv")
    assert walk.clicks <= 6
    assert "sme-pd" in inventory.read_text(encoding="utf-8-sig")

    assert verify(log).returncode == 0, verify(log).stderr
    log.write_text(log.read_text().replace("noor.rahman", "noor.rahmen", 1))
    assert verify(log).returncode != 0, "one letter changed in the file is found without the store"

    page.get_by_role("link", name="Approvals").first.click()
    auditor.reads("none of them waits for you")
    line = page.locator("[class*=st-key-case-]").filter(has_text="Retail PD").first
    walk.click_to(line.get_by_role("link", name="Open"), "case=")
    auditor.reads("You cannot sign here")
    auditor.write("vote-comment", "An auditor's opinion.")
    auditor.press("vote-sign")
    auditor.reads("can sign nothing")
    page.get_by_role("link", name="Audit").first.click()
    auditor.settled()
    page.get_by_role("tab", name="Refusals").click()
    auditor.reads("Noor Rahman is auditor and can sign nothing")
