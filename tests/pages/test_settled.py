"""A page's second run asks for the choices that its first made: the view is not made again, and is no other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from plumbline.domain.people import Role
from plumbline.policy.load import load_policy
from plumbline.services.context import Context
from plumbline.services.decomposition import decomposition_view
from plumbline.services.drift import drift_view
from plumbline.services.explanation_view import explanations_view
from plumbline.services.fairness import fairness_view
from plumbline.services.performance import performance_view
from plumbline.services.segments import segments_view
from plumbline.store.database import Cursor, Store

Visitor = Callable[..., AppTest]


@pytest.mark.parametrize("page", ["performance", "drift", "segments", "fairness", "explanations"])
def test_the_second_run_of_a_page_reads_what_a_third_one_reads(
    page: str, visitor: Visitor, go: Visitor, sample_estate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = go(visitor(sample_estate, Role.MODEL_RISK_OFFICER, "rosa.mendes"), page, model="sme-pd")
    reads: list[Store] = []
    read = Store.read

    def counted(store: Store) -> AbstractContextManager[Cursor]:
        reads.append(store)
        return read(store)

    monkeypatch.setattr(Store, "read", counted)
    assert not at.run().exception
    second = len(reads)
    assert not at.run().exception
    assert second == len(reads) - second


@pytest.mark.parametrize(("model", "version"), [("sme-pd", "1.4"), ("readmission", "2.1")])
def test_what_a_view_chose_leads_to_the_same_view(model: str, version: str, sample_estate: Path) -> None:
    def clock() -> datetime:
        return datetime(2026, 10, 31, tzinfo=UTC)

    store = Store.open(sample_estate, clock=clock)
    ctx = Context(store=store, clock=clock, new_id=lambda: "id", policy=load_policy())
    performance = performance_view(ctx, model, version)
    assert performance.metric
    assert (
        performance_view(ctx, model, version, window=performance.window, metric=performance.metric.key) == performance
    )
    drift = drift_view(ctx, model, version)
    assert drift.trend
    assert (
        drift_view(ctx, model, version, window=drift.window, column=drift.column, metric=drift.trend.metric.key)
        == drift
    )
    segments = segments_view(ctx, model, version)
    assert segments.metric
    chosen = {"dimension": segments.dimension, "metric": segments.metric.key, "segment": segments.segment}
    assert segments_view(ctx, model, version, window=segments.window, **chosen) == segments
    fairness = fairness_view(ctx, model, version)
    chosen = {"attribute": fairness.attribute, "group": fairness.group}
    assert fairness_view(ctx, model, version, window=fairness.window, **chosen) == fairness
    explained = explanations_view(ctx, model, version)
    assert explanations_view(ctx, model, version, row=explained.row) == explained
    asked = {"window": performance.window, "metric": performance.metric.key}
    split = decomposition_view(ctx, model, version, **asked)
    assert (
        decomposition_view(ctx, model, version, **asked, figure=split.figure, by=split.by, against=split.against)
        == split
    )
    store.close()
