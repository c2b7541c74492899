"""A metric passport as JSON: every field with all its digits, for whoever files it or checks it elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime

from plumbline.domain.results import iso
from plumbline.services.views.passport import Passport

BESIDE = ("n_reference", "p_value", "why_not")  # of a measurement, beside the results format


def as_json(view: Passport) -> bytes:
    """UTF-8, keys sorted; null where a figure could not be made, never NaN."""
    whole = asdict(view)
    whole["title"] = view.title
    measured = whole.pop("result")["measurement"]
    whole["figure"] = view.result.as_json() | {name: measured[name] for name in BESIDE}
    text = json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False, default=_moment)
    return f"{text}\n".encode()


def _moment(value: datetime | date) -> str:
    return str(iso(value)) if isinstance(value, datetime) else value.isoformat()
