"""How far labels have come: by what earlier runs saw at the same age, else by the reference; never by guessing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from plumbline.domain.results import REFERENCE, Level, Measurement, Result, Verdict, Window
from plumbline.services.by_window import point, remedy
from plumbline.services.maturity import held_against
from plumbline.services.views.by_window import MetricWords, Point
from plumbline.store.measurements import LabelShare, Stored

ALL = 1.0


def _share(month: int, share: float, *, days_after: int) -> LabelShare:
    """The window of a month of 2026 as seen so many days after its end."""
    start, end = datetime(2026, month, 1, tzinfo=UTC), datetime(2026, month + 1, 1, tzinfo=UTC)
    return LabelShare(f"2026-{month:02d}", start, end, end + timedelta(days=days_after), share)


def _reference(share: float) -> LabelShare:
    return LabelShare(REFERENCE, None, None, datetime(2026, 1, 1, tzinfo=UTC), share)


def _waiting(month: int, share: float) -> Point:
    return Point(window=f"2026-{month:02d}", level=Level.GREY, estimate=0.7, label_share=share, rule="label-maturity")


def test_earlier_windows_at_the_same_age_are_named_where_runs_saw_them() -> None:
    seen = [
        _share(3, 0.10, days_after=60),
        _share(3, ALL, days_after=150),
        _share(4, 0.14, days_after=57),
        _share(4, 0.98, days_after=120),
        _share(7, 0.07, days_after=60),
    ]
    found = held_against([_reference(0.9), *seen], _waiting(7, 0.07), 90, 0.8)
    assert found is not None
    assert (found.age_days, found.cohorts, found.finals) == (60, 2, 2)
    assert found.at_this_age == pytest.approx(0.12)
    assert found.expected == 0.99
    assert found.due == date(2026, 10, 30)
    assert "2 earlier windows had 12.0 % in at that age" in found.words
    assert "99.0 % are expected in the end, the mean of the 2 last windows whose labels are in" in found.words


def test_an_age_that_no_run_saw_is_not_made_up_and_the_reference_speaks() -> None:
    seen = [_reference(0.94), _share(6, 0.0, days_after=31), _share(7, 0.05, days_after=0)]
    found = held_against(seen, _waiting(7, 0.05), 90, 0.8)
    assert found is not None
    assert (found.at_this_age, found.finals, found.expected) == (None, 0, 0.94)
    assert found.words == "5.00 % in, 0 days after its end. 94.0 % are expected in the end, as on the reference."


def test_without_a_declared_maturity_a_share_of_the_references_share_is_awaited() -> None:
    seen = [
        _reference(0.9),
        _share(5, 0.88, days_after=61),
        _share(6, 0.5, days_after=31),
        _share(7, 0.2, days_after=0),
    ]
    found = held_against(seen, _waiting(7, 0.2), None, 0.8)
    assert found is not None
    assert (found.due, found.finals, found.expected) == (None, 1, 0.88)
    assert found.awaited == "The labels still to come: judged once 72.0 % are in."


def test_later_windows_say_nothing_about_earlier_ones() -> None:
    seen = [_reference(0.9), _share(6, 0.4, days_after=31), _share(7, ALL, days_after=200)]
    found = held_against(seen, _waiting(6, 0.4), 90, 0.8)
    assert found is not None
    assert found.finals == 0


def test_a_window_whose_labels_are_in_waits_for_none() -> None:
    assert _waiting(7, 0.99).waits
    assert not _waiting(7, 1.0).waits
    assert not Point(window="2026-07", level=Level.AMBER, label_share=0.9).waits


def test_a_window_too_thin_to_judge_waits_for_rows_where_its_labels_are_mature() -> None:
    measured = Measurement(metric="roc_auc", estimate=0.7, n=90, label_share=0.97, mature=True)
    thin = Verdict(Level.GREY, "Too little data to judge: 90 rows; 10 more settle it.", "general.auc_drop", "digest")
    found = point(Stored(Result(Window("2026-03"), measured, thin), "r"))
    assert not found.waits
    assert remedy(found, MetricWords(key="roc_auc", title="AUC"), ()) == "More data: the reason says how much."
