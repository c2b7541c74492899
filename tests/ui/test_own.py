"""A segment's own columns on a page: a ranked table with sources, or the one thing to do."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def counted() -> None:
    from plumbline.domain.results import Level
    from plumbline.services.views.by_window import Headline
    from plumbline.services.views.segments import OwnColumn, OwnColumns, SegmentsView
    from plumbline.ui import own

    income = OwnColumn(
        level=Level.RED, column="income", finding="distribution moved far: PSI 0.61", psi=0.61, low=0.5, high=0.7,
        n=745, importance=0.4, source="Bureau", shared_with=("Cards", "Mortgage PD"),
    )  # fmt: skip
    view = SegmentsView(
        headline=Headline("Said."), windows=(), window="2026-09", dimensions=(), segment="north",
        own=OwnColumns(sentence="Within region = north 1 of 5 columns is past a limit.", columns=(income,)),
    )  # fmt: skip
    own.columns(view, "Lender")


def not_counted() -> None:
    from plumbline.services.views.by_window import Headline
    from plumbline.services.views.segments import OwnColumns, SegmentsView
    from plumbline.ui import own

    own.columns(SegmentsView(headline=Headline("Said."), windows=(), window="", dimensions=()), "Lender")
    asked = OwnColumns(sentence="It carries a red.", remedy="Run plumbline monitor with --segment 'region=north'.")
    view = SegmentsView(headline=Headline("Said."), windows=(), window="", dimensions=(), segment="north", own=asked)
    own.columns(view, "Lender")


def test_columns_stand_with_their_source_and_who_else_reads_from_it() -> None:
    at = AppTest.from_function(counted).run()
    assert not at.exception
    assert at.subheader[0].value == "Columns of north"
    assert at.caption[0].value == "Within region = north 1 of 5 columns is past a limit."
    shown = " ".join(str(cell) for cell in at.table[0].value.to_numpy().ravel())
    for words in ("income", "distribution moved far", "Bureau", "Cards, Mortgage PD", "745"):
        assert words in shown


def test_what_would_count_them_is_said_once_where_there_is_a_reason() -> None:
    at = AppTest.from_function(not_counted).run()
    assert not at.exception
    assert len(at.subheader) == len(at.info) == 1
    assert at.info[0].value.startswith("It carries a red. Run")
