"""The life line: one lane a kind, verdicts by their marks, approvals to their last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plumbline.charts.model import life_line, rows, title
from plumbline.domain.results import Level
from plumbline.services.views.model import LifeEvent

LIFE = (
    LifeEvent("Versions", datetime(2026, 1, 1, tzinfo=UTC), "version 1 registered"),
    LifeEvent("Approvals", datetime(2026, 2, 1, tzinfo=UTC), "granted", until=datetime(2027, 2, 1, tzinfo=UTC)),
    LifeEvent("Monitoring", datetime(2026, 3, 1, tzinfo=UTC), "February 2026: breach", Level.RED),
)


@pytest.mark.parametrize("dark", [False, True])
def test_each_kind_has_its_lane_and_verdicts_their_shape(dark: bool) -> None:
    figure = life_line(LIFE, title="Life line", dark=dark).to_plotly_json()
    lanes = {trace["name"]: trace for trace in figure["data"] if "name" in trace}
    assert list(lanes) == ["Monitoring", "Approvals", "Versions"]
    assert lanes["Monitoring"]["marker"]["symbol"] == ["square"]
    span = next(trace for trace in figure["data"] if trace["mode"] == "lines")
    assert span["x"] == [LIFE[1].at, LIFE[1].until]
    assert "Monitoring: 1 marks" in figure["layout"]["meta"]["alt"]


def test_its_title_says_how_many_windows_count_against_the_model() -> None:
    """Counts, not limits: where the policy asks for M of N, one past a limit may not count yet."""
    calm = replace(LIFE[2], level=Level.WATCH)
    assert title([calm, calm]) == "2 windows judged, none counts against it"
    assert title([calm, LIFE[2]]) == "2 windows judged, 1 counts against it"
    assert title([LIFE[2], LIFE[2]]) == "2 windows judged, 2 count against it"


def test_the_table_behind_it_is_newest_first() -> None:
    assert [row["Kind"] for row in rows(LIFE)] == ["Monitoring", "Approvals", "Versions"]
    assert rows(LIFE)[1]["Until"] == "2027-02-01"


def test_a_model_without_a_life_still_gives_a_figure() -> None:
    assert len(life_line((), title="Life line").data) == 0
