"""Who holds a role for one business line sees that line on every page, and no trace of the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from plumbline.domain.people import Role, Scope, ScopeKind

Visitor = Callable[..., AppTest]
RETAIL = Scope(ScopeKind.BUSINESS_LINE, "Retail lending")


def test_a_risk_officer_of_one_line(visitor: Visitor, go: Visitor, sample_estate: Path) -> None:
    at = visitor(sample_estate, Role.MODEL_RISK_OFFICER, "rosa.mendes", RETAIL)
    for page in ("portfolio", "inventory", "approvals", "audit", "model", "performance"):
        go(at, page)
        assert not at.exception, page
    choice = next(box for box in at.selectbox if box.label == "Model")
    assert len(choice.options) == 3
    go(at, "drift", model="card-fraud")
    assert "There is no model" in at.error[0].value
    everything = visitor(sample_estate, Role.MODEL_RISK_OFFICER, "rosa.mendes")
    go(everything, "drift", model="card-fraud")
    assert not everything.error, "another session in the same process is not shown less"
