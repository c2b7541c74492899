"""From evidence to two signatures in a real browser, and the two who may not approve."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.browser.visitor import Arrive, Visitor

from plumbline.demo.people import PASSWORD

MODEL = "offer-recommender"


def find_case(visitor: Visitor) -> str:
    """From the inbox to the recommender's case; its address, to come back to."""
    line = visitor.page.locator("[class*=st-key-case-]").filter(has_text=re.compile("recommender", re.IGNORECASE)).first
    line.get_by_role("link", name="Open").click()
    visitor.page.wait_for_url(re.compile("case="))
    visitor.settled()
    return visitor.page.url.removeprefix(f"{visitor.url}/")


def sign(visitor: Visitor) -> None:
    """The dialog: meaning and evidence read, the password again."""
    expect(visitor.page.get_by_role("dialog")).to_contain_text("Evidence")
    visitor.page.locator(".st-key-signing-password input").fill(PASSWORD)
    visitor.page.locator(".st-key-signing-send button").click()
    visitor.settled()


def read_the_evidence(validator: Visitor) -> None:
    """From the model's drift, which is open, by the menu from check to check."""
    expect(validator.page.locator(".js-plotly-plot").first).to_be_visible()
    for check in ("Fairness", "Explanations"):
        validator.follow(check)
        validator.page.wait_for_url(re.compile(f"{check.lower()}.*model={MODEL}"))
        validator.settled()
        expect(validator.page.locator(".js-plotly-plot").first).to_be_visible()


def sign_the_report(validator: Visitor) -> None:
    validator.write("report-comment", "Read drift, fairness and explanations; the fall in the 2025 season is real.")
    validator.write("report-independence", "I took no part in building or running this model.")
    validator.press("report-sign")
    sign(validator)
    validator.reads("Signed. Signature")


def try_to_approve(visitor: Visitor) -> None:
    visitor.write("vote-comment", "Looks fine to me.")
    visitor.press("vote-sign")


def test_validator_signs_the_risk_officer_approves_and_both_stand_in_the_audit(
    busy_estate: str, arrive: Arrive
) -> None:
    validator = arrive(busy_estate)
    validator.walk_in("validator", f"drift?model={MODEL}")
    read_the_evidence(validator)
    validator.follow("Approvals")
    validator.page.wait_for_url(re.compile("approvals"))
    validator.settled()
    case = find_case(validator)
    sign_the_report(validator)

    # Who validated never approves, and neither does the owner, though he holds the role of an approver.
    try_to_approve(validator)
    validator.reads("S1")
    owner = arrive(busy_estate)
    owner.sign_in("marcus.webb", case)
    try_to_approve(owner)
    owner.reads("S1")

    officer = arrive(busy_estate)
    officer.walk_in("model_risk_officer", case)
    officer.write("vote-comment", "The season's fall is understood; the use is small.")
    officer.press("vote-sign")
    sign(officer)
    officer.reads("Signed. Signature")
    officer.reads("Rosa Mendes")

    auditor = arrive(busy_estate)
    auditor.sign_in("noor.rahman", "audit?tab=Signatures")
    for name, meaning in (("Cara Doyle", "I validated"), ("Rosa Mendes", "I approve")):
        block = auditor.page.locator("[class*=st-key-signature-]").filter(has_text=name).filter(has_text="recommender")
        expect(block.first).to_contain_text(meaning)
    auditor.page.get_by_role("tab", name="Refusals").click()
    auditor.settled()
    auditor.reads("S1")
