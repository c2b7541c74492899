"""The table `explanation`: what goes in comes out, the newest first, and never silently altered."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from plumbline.domain.errors import ChainBroken
from plumbline.domain.explanations import ColumnAttribution, Explanation, Importance, Perturbation, Scale
from plumbline.store import explanations

NOON = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
SCHEMA = Path(explanations.__file__).parent / "schema" / "0002_explanations.sql"

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
def cursor() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute(SCHEMA.read_text())
    return connection


def put(cursor: duckdb.DuckDBPyConnection, explanation: Explanation, name: str, later: int = 0) -> bytes:
    payload = explanations.encode(explanation)
    at = NOON + timedelta(days=later)
    explanations.insert_explanation(cursor, explanation, explanation_id=name, at=at, by="val.idator", payload=payload)
    return payload


def test_what_goes_in_comes_out(cursor: duckdb.DuckDBPyConnection) -> None:
    payload = put(cursor, EXPLANATION, "e-1")
    stored = explanations.latest(cursor, "sba-default", "1.0")
    assert stored is not None
    assert stored.explanation == EXPLANATION
    assert (stored.id, stored.recorded_at, stored.recorded_by) == ("e-1", NOON, "val.idator")
    assert stored.sha256 == hashlib.sha256(payload).hexdigest()


def test_the_newest_supersedes(cursor: duckdb.DuckDBPyConnection) -> None:
    put(cursor, EXPLANATION, "e-2", later=1)
    put(cursor, EXPLANATION, "e-1")
    stored = explanations.latest(cursor, "sba-default", "1.0")
    assert stored is not None
    assert stored.id == "e-2"
    assert explanations.explained(cursor) == (("sba-default", "1.0"),)


def test_no_explanation_yet(cursor: duckdb.DuckDBPyConnection) -> None:
    assert explanations.latest(cursor, "sba-default", "2.0") is None


def test_altered_bytes_are_named(cursor: duckdb.DuckDBPyConnection) -> None:
    put(cursor, EXPLANATION, "e-1")
    cursor.execute("update explanation set payload = 'x'::blob")
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
