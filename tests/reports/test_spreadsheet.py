"""CSV cells hold what was given and run nothing."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from plumbline.reports.spreadsheet import FORMULA, as_csv, cell


@given(st.text())
def test_no_text_is_a_formula(text: str) -> None:
    written = cell(text)
    assert not written.startswith(FORMULA)
    assert written.removeprefix("'") == text.removeprefix("'")


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00")), min_size=1, max_size=4)
)
def test_what_is_written_can_be_read_back(values: list[str]) -> None:
    rows = [dict(enumerate_names(values))]
    header, line = csv.reader(io.StringIO(as_csv(rows).decode(), newline=""))
    assert header == list(rows[0])
    assert line == [cell(value) for value in values]


def enumerate_names(values: list[str]) -> list[tuple[str, str]]:
    return [(f"column {i}", value) for i, value in enumerate(values)]


def test_nested_values_become_words_and_absent_ones_empty() -> None:
    rows = [{"tags": ["=a", "b"], "inputs": {"exposure": 3, "note": ""}, "none": None, "yes": True}]
    assert as_csv(rows).decode().splitlines()[1] == "'=a; b,exposure 3,,true"
