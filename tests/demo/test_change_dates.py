"""The performance page dates what was put into the sample estate, and tells sudden from gradual."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plumbline.policy.load import load_policy
from plumbline.services.context import Context
from plumbline.services.performance import performance_view
from plumbline.store.database import Store


@pytest.fixture(scope="module")
def estate(sample_estate_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    copy = tmp_path_factory.mktemp("dates") / "plumbline.duckdb"
    copy.write_bytes(sample_estate_file.read_bytes())

    def clock() -> datetime:
        return datetime(2026, 10, 31, tzinfo=UTC)

    store = Store.open(copy, clock=clock)
    yield Context(store, clock, lambda: pytest.fail("reading makes no ids"), load_policy())
    store.close()


@pytest.mark.parametrize(
    ("model", "metric", "said"),
    [
        ("sme-pd", "roc_auc", "AUC left its reference in August 2025, gradually, and has not come back"),
        ("life-lapse", "observed_expected", "in December 2025, gradually, and has not come back"),
        ("life-lapse", "roc_auc", "AUC has not left its reference"),
        ("card-fraud", "recall", "Recall left its reference in June 2026, suddenly, and has not come back"),
        ("mortgage-pd", "roc_auc", "AUC left its reference in January 2026, suddenly, and has not come back"),
        ("offer-recommender", "roc_auc", "in December 2025, suddenly, and came back in February 2026"),
        ("retail-pd", "roc_auc", "AUC has not left its reference"),
    ],
)
def test_a_change_is_dated_as_it_was_made(estate: Context, model: str, metric: str, said: str) -> None:
    with estate.store.read() as cursor:
        found = cursor.execute("select max(version_id) from monitoring_run where model_id = ?", [model]).fetchone()
    assert found is not None
    assert said in performance_view(estate, model, str(found[0]), metric=metric).change
