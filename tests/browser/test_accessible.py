"""Every page in both themes: no serious or critical violation that axe can find."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("browser")

PAGES = (
    "",
    "inventory",
    "approvals",
    "audit",
    "model?model=sme-pd",
    "performance?model=sme-pd",
    "drift?model=sme-pd",
    "segments?model=readmission",
    "fairness?model=mortgage-pd",
    "explanations?model=sme-pd",
)
GRAVE = {"serious", "critical"}


def violations(visitor: Visitor) -> list[str]:
    """What axe holds to be serious or critical: the rule, and where."""
    found = Axe().run(visitor.page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_grave_violation(browser: Browser, quiet_estate: str, theme: Literal["light", "dark"]) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, color_scheme=theme)
    context.set_default_timeout(60_000)
    visitor = Visitor(context.new_page(), quiet_estate)
    visitor.open()
    grave = {"sign-in": violations(visitor)}
    for path in PAGES:
        visitor.walk_in("model_risk_officer", path)
        grave[path] = violations(visitor)
    context.close()
    assert not {path: found for path, found in grave.items() if found}
