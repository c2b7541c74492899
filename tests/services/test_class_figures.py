"""The figures of each class on the performance page, of the sample estate's model with several."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plumbline.policy.load import load_policy
from plumbline.services import stored
from plumbline.services.class_figures import by_class
from plumbline.services.context import Context
from plumbline.store.database import Store


def _clock() -> datetime:
    return datetime(2026, 10, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def estate(sample_estate: Path) -> Iterator[Context]:
    store = Store.open(sample_estate, clock=_clock)
    yield Context(store, _clock, lambda: "new", load_policy())
    store.close()


def test_each_class_has_its_figures_with_limits_and_reference(estate: Context) -> None:
    lines = by_class(estate, stored.subject(estate, "service-routing", "1.0"), "2026-09")
    assert {line["Class"] for line in lines} == {"billing", "cancellation", "claims", "documents"}
    assert [line["Measure"] for line in lines if line["Class"] == "claims"] == ["AUC", "Precision", "Recall", "F1"]
    assert all(" to " in line["Now"] and line["Reference"] for line in lines)
    assert not any(line["Reason"] for line in lines if "within" in line["Status"])


def test_a_model_of_two_outcomes_has_no_classes_and_an_unlabelled_window_says_why(estate: Context) -> None:
    assert by_class(estate, stored.subject(estate, "sme-pd", "1.4"), "2026-07") == ()
    lines = by_class(estate, stored.subject(estate, "service-routing", "1.0"), "2026-10")
    assert lines
    assert all("not measured" in line["Status"] and line["Reason"] for line in lines)
