"""The cut-off's slider in a real browser: it follows the keyboard, and its place stands in the address."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.browser.visitor import Arrive

SUBJECT = "model=sme-pd&version=1.4&window=2026-07"


def test_a_slider_opens_where_the_address_says_keeps_the_keyboard_and_goes_into_the_address(
    quiet_estate: str, arrive: Arrive
) -> None:
    visitor = arrive(quiet_estate)
    visitor.walk_in("validator", f"performance?{SUBJECT}&cut_off=0.5")
    said = visitor.page.get_by_text(re.compile(r"^From a score of")).first
    expect(said).to_contain_text("From a score of 0.500,")
    visitor.page.get_by_role("slider").first.focus()
    for _ in range(3):
        before = said.inner_text()
        # To whoever has the focus: a slider that was drawn anew by its own step would have lost it.
        visitor.page.keyboard.press("ArrowRight")
        expect(said).not_to_have_text(before)
    visitor.page.wait_for_url(re.compile(r"cut_off=0\.5\d+"))
