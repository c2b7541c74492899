"""The table `explanation`: what goes in comes out, the newest first, and never silently altered."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import duckdb
import pytest

from plumbline.domain.errors import ChainBroken
from plumbline.domain.explanations import ColumnAttribution, Explanation, Importance, Perturbation, Scale
from plumbline.store import explanations
from plumbline.store.database import Cursor, Store

NOON = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)

EXPLANATION = Explanation(
    model_id="sba-default",
    version="1.0",
    artefact="model.txt",
    artefact_sha256="ab" * 32,
    method="LightGBM pred_contrib",
    perturbation=Perturbation.PATH_DEPENDENT,
    scale=Scale.MARGIN,
    tolerance=1e-6,
    background_rows=0,
    rows_available=10,
    seed=7,
    row_ids=("a", "b"),
    predictions=(0.5, -1.0),
    base_values=(0.2, 0.2),
    columns=(
        ColumnAttribution("term", ("12", None), (0.1, -1.0)),
        ColumnAttribution("sector", ("retail", "farm"), (0.2, -0.2)),
    ),
    importance=(Importance("term", 0.55, 0.1, 1.0), Importance("sector", 0.2, 0.2, 0.2)),
)


@pytest.fixture
def cursor() -> Cursor:
    return Store.open(":memory:", clock=lambda: NOON).connection.cursor()


def put(cursor: Cursor, explanation: Explanation, seq: int) -> bytes:
    content = explanations.encode(explanation)
    explanations.insert_explanation(
        cursor, explanation, explanation_id=f"e-{seq}", seq=seq, at=NOON, by="val.idator", content=content
    )
    return content


def test_what_goes_in_comes_out(cursor: Cursor) -> None:
    content = put(cursor, EXPLANATION, 1)
    stored = explanations.latest(cursor, "sba-default", "1.0")
    assert stored is not None
    assert stored.explanation == EXPLANATION
    assert (stored.id, stored.recorded_at, stored.recorded_by) == ("e-1", NOON, "val.idator")
    assert stored.sha256 == hashlib.sha256(content).hexdigest()


def test_the_newest_supersedes(cursor: Cursor) -> None:
    put(cursor, EXPLANATION, 2)
    put(cursor, EXPLANATION, 1)
    stored = explanations.latest(cursor, "sba-default", "1.0")
    assert stored is not None
    assert stored.id == "e-2"
    assert explanations.explained(cursor) == (("sba-default", "1.0"),)


def test_no_explanation_yet(cursor: Cursor) -> None:
    assert explanations.latest(cursor, "sba-default", "2.0") is None


def test_a_stored_explanation_cannot_be_changed(cursor: Cursor) -> None:
    put(cursor, EXPLANATION, 1)
    with pytest.raises(duckdb.Error, match="append-only"):
        cursor.execute("update explanation set content = 'x'::blob")


def test_altered_bytes_are_named(cursor: Cursor) -> None:
    put(cursor, EXPLANATION, 1)
    cursor.execute("drop trigger explanation_no_update on explanation")
    cursor.execute("update explanation set content = 'x'::blob")
    with pytest.raises(ChainBroken, match="explanation e-1"):
        explanations.latest(cursor, "sba-default", "1.0")


def test_lines_are_one_per_row_and_raw_column() -> None:
    table = explanations.lines(EXPLANATION)
    assert table.column_names == list(explanations.SCHEMA.names)
    assert table["row"].to_pylist() == ["a", "a", "b", "b"]
    assert table["column"].to_pylist() == ["term", "sector"] * 2
    assert table["value"].to_pylist() == ["12", "retail", None, "farm"]
    assert table["standard_error"].null_count == 4


def test_waterfall_starts_with_the_largest() -> None:
    assert [column for column, _, _ in EXPLANATION.contributions(0)] == ["sector", "term"]
