"""Every page in both themes: no serious or critical violation that axe can find, and nothing cut on a narrow screen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from tests.browser.visitor import Visitor

# In the menu's order, each with the tabs that hold tables of their own.
PAGES = {
    "portfolio": (),
    "inventory": (),
    "approvals": (),
    "audit": ("Sign-ins",),
    "model": ("Versions", "Uses and limits", "Changes"),
    "performance": (),
    "drift": (),
    "segments": (),
    "fairness": (),
    "explanations": (),
}
GRAVE = {"serious", "critical"}


def violations(visitor: Visitor, rules: Sequence[str] = ()) -> list[str]:
    """What axe holds to be serious or critical: the rule, and where; by all rules, or by these."""
    only = {"runOnly": list(rules)} if rules else {}
    found = Axe().run(visitor.page, options={"resultTypes": ["violations"], **only}).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


UNFOLD = "document.querySelectorAll('details:not([open]) summary').forEach(each => each.click())"
# By how many pixels the page, or a table on it, is wider than its frame.
TOO_WIDE = """() => [...document.querySelectorAll('[data-testid=stMain], [data-testid=stTableStyledTable]')]
    .map(each => each.scrollWidth - each.parentElement.clientWidth).filter(extra => extra > 0)"""


def too_wide(visitor: Visitor) -> list[int]:
    visitor.page.evaluate(UNFOLD)
    visitor.settled()
    return list(visitor.page.evaluate(TOO_WIDE))


def cut(visitor: Visitor, tabs: tuple[str, ...]) -> dict[str, list[int]]:
    """What does not fit 800 pixels, with all that is folded opened: on the page, and on its tabs."""
    visitor.page.set_viewport_size({"width": 800, "height": 1000})
    found = {"page": too_wide(visitor)}
    for tab in tabs:
        visitor.page.get_by_role("tab", name=tab).click()
        visitor.settled()
        found[tab] = too_wide(visitor)
    visitor.page.set_viewport_size({"width": 1440, "height": 1000})
    return {where: extra for where, extra in found.items() if extra}


@pytest.fixture
def at(browser: Browser, quiet_estate: str, theme: Literal["light", "dark"]) -> Iterator[Visitor]:
    """A visitor before the sign-in page, in a browser set to the theme."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, color_scheme=theme)
    context.set_default_timeout(60_000)
    visitor = Visitor(context.new_page(), quiet_estate)
    visitor.open()
    yield visitor
    context.close()


def follow(at: Visitor, page: str) -> None:
    """By the menu, as people do: loading a page anew takes seconds."""
    at.follow(page.capitalize())
    at.page.wait_for_url(re.compile(rf"/{'' if page == 'portfolio' else page}(\?|$)"))
    at.settled()
    expect(at.page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("theme", ["light"])
def test_no_page_has_a_grave_violation_or_is_cut(at: Visitor) -> None:
    grave, narrow = {"sign-in": violations(at)}, {"sign-in": cut(at, ())}
    at.walk_in("model_risk_officer", "model?model=readmission")
    for page, tabs in PAGES.items():
        follow(at, page)
        grave[page] = violations(at)
        narrow[page] = cut(at, tabs)
    follow(at, "approvals")
    at.follow("Open")
    at.page.wait_for_url("**case=**")
    at.settled()
    narrow["case"] = cut(at, ())
    assert not {page: found for page, found in grave.items() if found}
    assert not {page: found for page, found in narrow.items() if found}


@pytest.mark.long
@pytest.mark.parametrize("theme", ["dark"])
def test_the_dark_theme_has_contrast(at: Visitor) -> None:
    """All else that axe looks at is the same in both themes; another model, so that more is looked at."""
    grave = {"sign-in": violations(at, ["color-contrast"])}
    at.walk_in("model_risk_officer", "model?model=sme-pd")
    for page in PAGES:
        follow(at, page)
        grave[page] = violations(at, ["color-contrast"])
    assert not {page: found for page, found in grave.items() if found}
