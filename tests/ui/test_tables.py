"""Tables: what belongs together stands in one cell, long ones come by the page, spreadsheets stay safe."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from plumbline.ui.tables import as_csv


def shown() -> None:
    from datetime import UTC, date, datetime

    from plumbline.ui import tables

    rows = [
        {
            "Status": "\u25a0 breach",
            "AUC": "0.689",
            "Interval": "0.666 to 0.712",
            "Rows": 2000 + place,
            "Labels in": "100 %" if place else "",
            "Due": date(2026, 10, 5),
            "At": datetime(2026, 10, 31, 9, 30, tzinfo=UTC),
            "Blocking": place > 0,
            "Reason": "*past* the limit",
            "Rule": "credit_pd.observed_expected",
        }
        for place in range(60)
    ]
    tables.wrapped(rows, name="figures", alt="Figures", page=50)


def test_what_belongs_to_a_figure_stands_in_its_cell() -> None:
    table = AppTest.from_function(shown).run().table[0].value
    assert list(table.columns) == ["Status", "AUC", "Rows", "Due", "At", "Blocking", "Reason"]
    assert table["AUC"][1] == "0.689 \\(0.666 to 0.712\\)"
    assert (table["Rows"][0], table["Rows"][1]) == ("2000", "2001 \\(labels in\\: 100 %\\)")
    assert (table["Due"][0], table["At"][0]) == ("5 Oct 2026", "31 Oct 2026 09\\:30 UTC")
    assert (table["Blocking"][0], table["Blocking"][1]) == ("no", "yes")


def test_a_mark_stays_beside_its_word_and_a_long_name_may_break_at_its_joints() -> None:
    table = AppTest.from_function(shown).run().table[0].value
    assert table["Status"][0] == "\u25a0\u00a0breach"
    broken = "credit\\_\u200bpd.\u200bobserved\\_\u200bexpected"
    assert table["Reason"][0] == f"\\*past\\* the limit \\({broken}\\)"


def test_a_long_table_comes_by_the_page() -> None:
    at = AppTest.from_function(shown).run()
    assert len(at.table[0].value) == 50
    at.session_state["page-figures"] = 2
    assert len(at.run().table[0].value) == 10


def matrix() -> None:
    from plumbline.ui import tables

    tables.wrapped([{f"month {n}": n for n in range(24)}], name="matrix", alt="Months")


def test_a_matrix_wider_than_one_reads_is_a_grid() -> None:
    at = AppTest.from_function(matrix).run()
    assert len(at.dataframe) == 1
    assert not at.table


def test_a_cell_that_begins_like_a_formula_is_disarmed() -> None:
    assert as_csv([{"Title": "=1+1", "n": -3}]).decode("utf-8-sig").splitlines()[1] == "'=1+1,-3"
