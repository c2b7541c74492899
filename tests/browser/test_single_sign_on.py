"""In by the house's own provider, out again, and a signature for which the provider had to prove the person anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import free_port, serving
from tests.browser.test_sign_off import find_case
from tests.browser.visitor import Arrive, Visitor

pytestmark = pytest.mark.long

HOUSE = """
[provider]
label = "Example Bank"
metadata = "http://localhost:{provider}/.well-known/openid-configuration"
client_id = "plumbline"
client_secret = "of a provider that lasts as long as the test"
address = "http://127.0.0.1:{port}"
[groups]
claim = "groups"
[groups.roles]
validation = ["validator"]
"""


@pytest.fixture
def house(sample_estate: Path, tmp_path: Path) -> Iterator[str]:
    """The sample estate, whose Cara Doyle the provider knows as a validator; Noor Rahman is in no group."""
    mock: Any = pytest.importorskip("oidc_provider_mock")
    port, file = free_port(), tmp_path / "house.toml"
    cara = mock.User(sub="17", claims={"preferred_username": "cara.doyle", "groups": ["validation"]})
    noor = mock.User(sub="18", claims={"preferred_username": "noor.rahman"})
    with mock.run_server_in_thread(user_claims=[cara, noor]) as provider:
        file.write_text(HOUSE.format(provider=provider.server_port, port=port))
        with serving(sample_estate, port=port, PLUMBLINE_SINGLE_SIGN_ON=str(file)) as url:
            yield url


def led_to_the_provider(visitor: Visitor, key: str) -> str:
    """Press this, and stand before the provider; the address that it was asked under."""
    visitor.page.locator(f".st-key-{key} button").click()
    visitor.page.wait_for_url(re.compile("/oauth2/authorize"))
    return visitor.page.url


def as_whom(visitor: Visitor, sub: str) -> None:
    visitor.page.get_by_role("button", name=sub, exact=True).click()


def test_the_provider_signs_in_and_proves_anew_for_a_signature(house: str, arrive: Arrive) -> None:
    stranger = arrive(house)
    stranger.open()
    led_to_the_provider(stranger, "house-sign-in")
    as_whom(stranger, "18")
    stranger.reads("Noor Rahman holds no role that their groups at Example Bank allow")
    expect(stranger.page.get_by_test_id("stSidebar")).to_have_count(0)

    validator = arrive(house)
    validator.open()
    assert "prompt=login" not in led_to_the_provider(validator, "house-sign-in")
    with validator.page.expect_response("**/session") as kept:
        as_whom(validator, "17")
        validator.page.wait_for_selector("[data-testid=stSidebar]")
    kept.value.finished()
    validator.settled()
    expect(validator.page.get_by_role("heading", level=1)).to_have_text("Approvals")
    expect(validator.page.get_by_test_id("stSidebar")).to_contain_text("Cara Doyle")
    held = {cookie.get("name") for cookie in validator.page.context.cookies(house)}
    assert held == {"plumbline_session", "_streamlit_xsrf"}, "what the provider said is forgotten"

    case = find_case(validator)
    ask_to_sign(validator)
    asked = led_to_the_provider(validator, "signing-prove")
    assert "prompt=login" in asked
    assert "max_age=0" in asked
    as_whom(validator, "17")
    validator.page.wait_for_url(re.compile(re.escape(case)))
    validator.settled()
    ask_to_sign(validator)
    validator.page.locator(".st-key-signing-send button").click()
    validator.reads("Signed. Signature")
    validator.reads("Cara Doyle")

    validator.press("sign-out")
    expect(validator.page.get_by_role("heading", level=1)).to_have_text("Plumbline")
    validator.page.reload()
    validator.settled()
    expect(validator.page.get_by_role("heading", level=1)).to_have_text("Plumbline")


def ask_to_sign(validator: Visitor) -> None:
    validator.write("report-comment", "Read drift, fairness and explanations.")
    validator.write("report-independence", "I took no part in building or running this model.")
    validator.press("report-sign")
    expect(validator.page.get_by_role("dialog")).to_contain_text("I validated")
