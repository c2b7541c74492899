"""The narrowest screen that look and guide speak of: no page moves sideways, no table's text is cut."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("browser")

PAGES = (
    "approvals",
    "audit",
    "audit?tab=Sign-ins",
    "model?model=sme-pd&tab=Versions",
    "model?model=sme-pd&tab=Uses+and+limits",
    "model?model=sme-pd&tab=Changes",
    "performance?model=sme-pd",
    "performance?model=motor-frequency",
    "drift?model=readmission",
    "segments?model=readmission",
    "fairness?model=mortgage-pd",
    "explanations?model=sme-pd",
)
UNFOLD = "document.querySelectorAll('details:not([open]) summary').forEach(each => each.click())"
# By how many pixels the page, or a table on it, is wider than its frame.
TOO_WIDE = """() => [...document.querySelectorAll('[data-testid=stMain], [data-testid=stTableStyledTable]')]
    .map(each => each.scrollWidth - each.parentElement.clientWidth).filter(extra => extra > 0)"""


def too_wide(visitor: Visitor) -> list[int]:
    visitor.page.evaluate(UNFOLD)
    visitor.settled()
    return list(visitor.page.evaluate(TOO_WIDE))


def test_nothing_is_cut_at_800_pixels(browser: Browser, quiet_estate: str) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 1000})
    context.set_default_timeout(60_000)
    visitor = Visitor(context.new_page(), quiet_estate)
    visitor.open()
    cut = {"sign-in": too_wide(visitor)}
    for path in PAGES:
        visitor.walk_in("model_risk_officer", path)
        cut[path] = too_wide(visitor)
    visitor.walk_in("model_risk_officer", "approvals")
    visitor.follow("Open")
    visitor.page.wait_for_url("**case=**")
    visitor.settled()
    cut["case"] = too_wide(visitor)
    context.close()
    assert not {path: found for path, found in cut.items() if found}
