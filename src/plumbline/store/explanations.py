"""The table `explanation`: attributions kept as Parquet bytes with their hash, never overwritten."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.domain.errors import ChainBroken
from plumbline.domain.explanations import (
    ColumnAttribution,
    Explanation,
    Importance,
    Perturbation,
    Scale,
    StoredExplanation,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = pa.schema(
    [
        ("row", pa.string()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("attribution", pa.float64()),
        ("base_value", pa.float64()),
        ("prediction", pa.float64()),
        ("scale", pa.string()),
        ("perturbation", pa.string()),
        ("standard_error", pa.float64()),
    ]
)
# What the Parquet lines do not say; importance is kept so that a page never bootstraps.
HEADER = (
    "model_id", "version", "artefact", "artefact_sha256", "method", "tolerance", "background_rows", "rows_available",
    "seed", "confidence",
)  # fmt: skip

INSERT = """
insert into explanation (id, model_id, version, recorded_at, recorded_by, header, payload, sha256)
values (?, ?, ?, ?, ?, ?, ?, ?)
"""
LATEST = """
select id, recorded_at, recorded_by, header, payload, sha256 from explanation
where model_id = ? and version = ? order by recorded_at desc, id desc limit 1
"""
EXPLAINED = "select distinct model_id, version from explanation order by all"


def lines(explanation: Explanation) -> pa.Table:
    """The explanation as `explain --out` writes it: one line per row and raw column."""
    n, names = explanation.rows, [c.column for c in explanation.columns]
    length = n * len(names)
    data: list[list[Any]] = [
        [row for row in explanation.row_ids for _ in names],
        names * n,
        [value for values in zip(*(c.values for c in explanation.columns), strict=True) for value in values],
        [phi for phis in zip(*(c.attributions for c in explanation.columns), strict=True) for phi in phis],
        [base for base in explanation.base_values for _ in names],
        [prediction for prediction in explanation.predictions for _ in names],
        [explanation.scale.value] * length,
        [explanation.perturbation.value] * length,
        [None] * length,
    ]
    return pa.table([pa.array(column, field.type) for column, field in zip(data, SCHEMA, strict=True)], schema=SCHEMA)


def encode(explanation: Explanation) -> bytes:
    """The lines as compressed Parquet."""
    sink = io.BytesIO()
    pq.write_table(lines(explanation), sink, compression="zstd")
    return sink.getvalue()


def insert_explanation(
    cursor: DuckDBPyConnection,
    explanation: Explanation,
    *,
    explanation_id: str,
    at: datetime,
    by: str,
    payload: bytes,
) -> None:
    """Inside the caller's transaction; `payload` is `encode(explanation)`, whose hash stands in the log."""
    header = {key: getattr(explanation, key) for key in HEADER}
    header["importance"] = [asdict(column) for column in explanation.importance]
    sha256 = hashlib.sha256(payload).hexdigest()
    moment = at.astimezone(UTC).replace(tzinfo=None)
    row = (explanation_id, explanation.model_id, explanation.version, moment, by, json.dumps(header), payload, sha256)
    cursor.execute(INSERT, row)


def latest(cursor: DuckDBPyConnection, model_id: str, version: str) -> StoredExplanation | None:
    """The newest explanation of a version; None when there is none yet."""
    row = cursor.execute(LATEST, (model_id, version)).fetchone()
    if row is None:
        return None
    id_, recorded_at, recorded_by, header, payload, sha256 = row
    if hashlib.sha256(payload).hexdigest() != sha256:
        raise ChainBroken("A stored explanation no longer matches its hash", where=f"explanation {id_}")
    return StoredExplanation(
        id_, recorded_at.replace(tzinfo=UTC), recorded_by, sha256, _decode(json.loads(header), payload)
    )


def explained(cursor: DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    """(model, version) pairs that have at least one explanation."""
    return tuple((model, version) for model, version in cursor.execute(EXPLAINED).fetchall())


def _decode(header: dict[str, Any], payload: bytes) -> Explanation:
    table = pq.read_table(io.BytesIO(payload))
    # Lines run row by row, so every k-th line belongs to one column.
    k = len(header["importance"])
    names = table["column"].slice(0, k).to_pylist()
    values, phis = table["value"].to_pylist(), table["attribution"].to_pylist()
    return Explanation(
        **{key: header[key] for key in HEADER},
        perturbation=Perturbation(table["perturbation"][0].as_py()),
        scale=Scale(table["scale"][0].as_py()),
        row_ids=tuple(table["row"].to_pylist()[::k]),
        predictions=tuple(table["prediction"].to_pylist()[::k]),
        base_values=tuple(table["base_value"].to_pylist()[::k]),
        columns=tuple(ColumnAttribution(name, tuple(values[j::k]), tuple(phis[j::k])) for j, name in enumerate(names)),
        importance=tuple(Importance(**column) for column in header["importance"]),
    )
