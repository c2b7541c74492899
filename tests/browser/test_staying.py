"""Signed in until one leaves: through a reload, in a second tab, at no other browser, nowhere after a sign-out."""

from __future__ import annotations

from playwright.sync_api import Request, expect
from tests.browser.visitor import Arrive, Visitor


def test_a_reload_keeps_the_person_and_a_sign_out_ends_every_tab(quiet_estate: str, arrive: Arrive) -> None:
    validator = arrive(quiet_estate)
    outside: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((quiet_estate, "data:", "blob:")):
            outside.append(request.url)

    validator.page.on("request", note)
    with validator.page.expect_response("**/session") as changed:
        validator.walk_in("validator", "model?model=readmission")
    assert changed.value.status == 204
    cookie = next(each for each in validator.page.context.cookies() if each.get("name") == "plumbline_session")
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Strict"
    assert "plumbline_session" not in validator.page.evaluate("document.cookie")

    validator.page.reload()
    validator.settled()
    expect(validator.page.get_by_test_id("stSidebar")).to_contain_text("Cara Doyle")
    expect(validator.page.get_by_role("heading", level=1)).to_contain_text("Hospital readmission")
    assert "model=readmission" in validator.page.url

    tab = Visitor(validator.page.context.new_page(), quiet_estate)
    tab.open("inventory")
    expect(tab.page.get_by_test_id("stSidebar")).to_contain_text("Cara Doyle")
    stranger = arrive(quiet_estate)
    stranger.open("inventory")
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Plumbline")

    validator.press("sign-out")
    expect(validator.page.get_by_role("heading", level=1)).to_have_text("Plumbline")
    tab.page.get_by_role("link", name="Approvals").first.click()
    expect(tab.page.get_by_text("You were signed out")).to_be_visible()
    tab.page.reload()
    tab.settled()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Plumbline")
    assert not outside, "everything comes from the house's own server"
