"""A person before the screen: opens, waits, presses, writes, reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from plumbline.demo.people import PASSWORD


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person before the screen, who waits until a page has settled before reading it."""

    page: Page
    url: str

    def open(self, path: str = "") -> None:
        self.page.goto(f"{self.url}/{path}")
        self.settled()

    def settled(self) -> None:
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        # Not by a function to wait for: the page's own policy lets nobody evaluate one.
        expect(self.page.locator("[data-stale=true], [data-testid=stSkeleton]")).to_have_count(0, timeout=30_000)

    def press(self, key: str) -> None:
        """Press the widget with this key."""
        self.page.locator(f".st-key-{key} button").first.click()
        self.settled()

    def walk_in(self, door: str, path: str = "") -> None:
        """Through one of the sample estate's three doors."""
        self.open(path)
        self.signed_in_by(f"door-{door}")

    def sign_in(self, user: str, path: str = "") -> None:
        """By user name and password."""
        self.open(path)
        self.write("sign-in-user", user)
        self.write("sign-in-password", PASSWORD)
        self.signed_in_by("sign-in-send")

    def chooses(self, present: str, new: str) -> None:
        """A new password in place of the present one."""
        for field, text in (("password-present", present), ("password-new", new), ("password-again", new)):
            self.write(field, text)

    def cookie(self) -> str:
        """What this browser shows the server to be known again."""
        held = {each.get("name"): each.get("value", "") for each in self.page.context.cookies()}
        return held["plumbline_session"] or ""

    def signed_in_by(self, key: str) -> None:
        """Press this, and be signed in: the browser holds the cookie that says so to the next page it opens."""
        with self.page.expect_response("**/session") as kept:
            self.press(key)
            self.page.wait_for_selector("[data-testid=stSidebar]")
        kept.value.finished()
        self.settled()

    def write(self, key: str, text: str) -> None:
        """Fill the widget with this key, and leave it so that the text is sent."""
        field = self.page.locator(f".st-key-{key} input, .st-key-{key} textarea").first
        field.fill(text)
        field.blur()
        self.settled()

    def choose(self, key: str, option: str) -> None:
        """Pick an option of the select box with this key."""
        self.page.locator(f".st-key-{key} [data-baseweb=select], .st-key-{key} [role=combobox]").first.click()
        self.page.get_by_role("option", name=option, exact=True).click()
        self.settled()

    def follow(self, text: str) -> None:
        """Follow a link."""
        self.page.get_by_role("link", name=text, exact=True).first.click()
        self.settled()

    def reads(self, text: str) -> None:
        """The words stand on the page (waited for), or the test fails with what stands there instead."""
        expect(self.page.locator("body")).to_contain_text(text)

    def text(self) -> str:
        return self.page.locator("body").inner_text()


Arrive = Callable[[str], Visitor]
