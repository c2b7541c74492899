"""Every page, for every role whose menu differs: drawn on an empty store and on the sample estate, without a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from plumbline.domain.people import Role

PAGES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "pages").glob("*.py"))
# One role for the short menu, one for the long.
ROLES = {Role.EXECUTIVE: "victoria.stein", Role.MODEL_RISK_OFFICER: "rosa.mendes"}
SUBJECTS = ("sme-pd", "readmission", "aml-alerts", "bureau-score", "asset-returns", "service-routing")

Visitor = Callable[..., AppTest]


def faults(at: AppTest) -> list[str]:
    return [*(fault.message for fault in at.exception), *(error.value for error in at.error)]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_stands_on_an_empty_store(visitor: Visitor, go: Visitor, empty_store: Path, role: Role) -> None:
    at = visitor(empty_store, role, ROLES[role])
    for page in PAGES:
        go(at, page)
        assert not faults(at), f"{page}: {faults(at)}"
        assert at.title, f"{page} says nothing"


@pytest.mark.parametrize("role", ROLES)
def test_every_page_stands_on_the_sample_estate(visitor: Visitor, go: Visitor, sample_estate: Path, role: Role) -> None:
    at = visitor(sample_estate, role, ROLES[role])
    for page in PAGES:
        go(at, page)
        assert not faults(at), f"{page}: {faults(at)}"
        assert at.title, f"{page} says nothing"


def test_every_kind_of_model_has_its_pages(visitor: Visitor, go: Visitor, sample_estate: Path) -> None:
    at = visitor(sample_estate, Role.MODEL_RISK_OFFICER, "rosa.mendes")
    for model in SUBJECTS:
        for page in ("model", "performance", "drift", "segments", "fairness", "explanations"):
            go(at, page, model=model)
            assert not faults(at), f"{page}?model={model}: {faults(at)}"
    go(at, "explanations", model="bureau-score")
    assert any("registered without an artefact" in info.value for info in at.info), "nobody is sent to a dead end"


def test_an_unknown_model_in_the_address_is_said_with_a_way_back(
    visitor: Visitor, go: Visitor, empty_store: Path
) -> None:
    at = go(visitor(empty_store, Role.AUDITOR), "drift", model="nonesuch")
    assert not at.exception
    assert any("No model is registered yet" in info.value for info in at.info)


def test_an_unknown_case_in_the_address_is_said(visitor: Visitor, go: Visitor, empty_store: Path) -> None:
    at = go(visitor(empty_store, Role.VALIDATOR), "approvals", case="nonesuch")
    assert not at.exception
    assert "There is no case nonesuch" in at.error[0].value
    assert "Nothing was changed" in at.error[0].value
