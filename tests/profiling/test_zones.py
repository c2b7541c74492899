"""Times as text: several offsets are said, and the end of a bare date is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.count import count


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["2026-01-05", "2026-02-06"], None),
        (["2026-01-05T10:00:00Z", "2026-01-05T10:00:00.25Z"], None),
        (["2026-01-05T10:00:00Z", "2026-01-05T12:00:00+02:00", "2026-01-05 09:00:00"], "(+02:00, Z, none)"),
    ],
)
def test_offsets_are_said_where_they_differ(
    times: list[str],
    said: str | None,
    loans: Callable[..., dict[str, Any]],
    write: Callable[..., str],
    spec: Callable[..., LogSpec],
) -> None:
    rows = loans(300)
    rows["event_time"] = [times[at % len(times)] for at in range(300)]
    found = count(spec(window="year"), model_id="loans", version_id="1", log=[write(rows)])
    notes = [note for note in found.notes if "offset" in note]
    assert len(notes) == (said is not None)
    assert all(str(said) in note for note in notes)
