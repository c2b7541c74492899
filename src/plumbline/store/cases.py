"""Which models have cases: where the approvals pages start reading."""

from __future__ import annotations

from plumbline.store.database import Cursor


def models_with_cases(cursor: Cursor) -> tuple[str, ...]:
    """Ids of models that ever had a case."""
    rows = cursor.execute("select distinct model_id from sign_off_case order by model_id").fetchall()
    return tuple(str(row[0]) for row in rows)
