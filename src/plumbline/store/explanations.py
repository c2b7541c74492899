"""The table `explanation`: attributions kept as Parquet bytes with their hash, never overwritten."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.domain.chain import canonical_json, sha256
from plumbline.domain.errors import ChainBroken
from plumbline.domain.explanations import (
    ColumnAttribution,
    Explanation,
    Importance,
    Perturbation,
    Scale,
    StoredExplanation,
)
from plumbline.store.database import Cursor, aware, naive

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
# What the lines do not say stands in the file's own metadata, so that one hash covers all of it;
# importance is kept because a page should not bootstrap.
HEADER = (
    "model_id", "version", "artefact", "artefact_sha256", "method", "tolerance", "background_rows", "rows_available",
    "seed", "confidence",
)  # fmt: skip
HEADER_KEY = b"plumbline.explanation"

INSERT = """
insert into explanation
    (explanation_id, seq, model_id, version_id, recorded_at, recorded_by, method, source_rows, sha256, content)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
LATEST = """
select explanation_id, recorded_at, recorded_by, sha256, content from explanation
where model_id = ? and version_id = ? order by seq desc limit 1
"""
EXPLAINED = "select distinct model_id, version_id from explanation order by all"


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
    """The lines as compressed Parquet, with the rest in its metadata."""
    header = {key: getattr(explanation, key) for key in HEADER}
    header["importance"] = [asdict(column) for column in explanation.importance]
    table = lines(explanation).replace_schema_metadata({HEADER_KEY: canonical_json(header).encode()})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def insert_explanation(
    cursor: Cursor, explanation: Explanation, *, explanation_id: str, seq: int, at: datetime, by: str, content: bytes
) -> None:
    """Inside the caller's transaction; `content` is `encode(explanation)`, whose hash stands in event `seq`."""
    cursor.execute(
        INSERT,
        [
            explanation_id,
            seq,
            explanation.model_id,
            explanation.version,
            naive(at),
            by,
            explanation.method,
            explanation.rows_available,
            sha256(content),
            content,
        ],
    )


def latest(cursor: Cursor, model_id: str, version: str) -> StoredExplanation | None:
    """The newest explanation of a version; None when there is none yet, ChainBroken when its bytes were altered."""
    row = cursor.execute(LATEST, [model_id, version]).fetchone()
    if row is None:
        return None
    explanation_id, recorded_at, recorded_by, digest, content = row
    if sha256(content) != digest:
        raise ChainBroken("A stored explanation no longer matches its hash", where=f"explanation {explanation_id}")
    return StoredExplanation(explanation_id, aware(recorded_at), recorded_by, digest, decode(content))


def explained(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    """(model, version) pairs that have at least one explanation."""
    return tuple((model, version) for model, version in cursor.execute(EXPLAINED).fetchall())


def decode(content: bytes) -> Explanation:
    """The inverse of `encode`."""
    table = pq.read_table(io.BytesIO(content))
    header = json.loads(table.schema.metadata[HEADER_KEY])
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


def content_hashes(cursor: Cursor) -> dict[str, str]:
    """The hash of the stored bytes of each explanation by its id, recomputed for proof."""
    rows = cursor.execute("select explanation_id, content from explanation").fetchall()
    return {str(row[0]): sha256(bytes(row[1])) for row in rows}
