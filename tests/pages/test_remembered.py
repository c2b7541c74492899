"""What an address named stays chosen on the next page, though the menu's links name nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from plumbline.domain.people import Role

Visitor = Callable[..., AppTest]


def test_the_model_of_an_address_stays_on_the_next_page(visitor: Visitor, go: Visitor, sample_estate: Path) -> None:
    at = go(visitor(sample_estate, Role.MODEL_RISK_OFFICER, "rosa.mendes"), "performance", model="mortgage-pd")
    at.query_params.clear()
    go(at, "fairness")
    assert at.query_params["model"] == "mortgage-pd"
    assert at.selectbox(key="model").value == "mortgage-pd"
