"""The waterfall of a change: it leads from the figure before to the figure after, in words that say the finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plumbline.charts.decomposition import waterfall
from plumbline.charts.theme import DARK, LIGHT
from plumbline.services.views.by_window import MetricWords
from plumbline.services.views.decomposition import Effect, SegmentPart, Split

SPLIT_BY_THREE = (("retail", 0.04), ("services", 0.016), ("farms", 0.005))


def part(segment: str, within: float) -> SegmentPart:
    return SegmentPart(
        segment=segment,
        n_before=3000,
        n_after=900,
        share_before=0.3,
        share_after=0.35,
        before=0.2,
        after=0.2 + within,
        mix=Effect(0.011 / 3, 0.001, 0.006),
        within=Effect(within, within - 0.01, within + 0.01),
        both=Effect(within + 0.011 / 3, within - 0.008, within + 0.016),
    )


@pytest.fixture
def split() -> Split:
    """Event rate from 20 to 27.2 per cent: 1.1 points of mix, 6.1 within three segments."""
    return Split(
        metric=MetricWords(key="base_rate", title="Event rate", unit="share"),
        by="sector",
        window="2026-07",
        baseline="reference",
        rows="rows with a known outcome",
        n_before=10_000,
        n_after=2_500,
        before=0.2,
        after=0.272,
        change=Effect(0.072, 0.055, 0.089),
        mix=Effect(0.011, 0.006, 0.016),
        within=Effect(0.061, 0.044, 0.078),
        interaction=Effect(0.0, -0.004, 0.004),
        segments=tuple(part(name, within) for name, within in SPLIT_BY_THREE),
        pooled=(),
        finding="Event rate rose 7.20 points: +1.10 from mix, +6.10 within segments; most in 'retail'",
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_steps_lead_from_before_to_after(split: Split, dark: bool) -> None:
    bars = waterfall(split, dark=dark).data[0]
    assert bars.y[0] == "The reference"
    assert bars.y[-1] == "July 2026"
    ends = [base + size for base, size in zip(bars.base, bars.x, strict=True)]
    assert ends[0] == pytest.approx(0.2)
    assert ends[-2] == pytest.approx(ends[-1]) == pytest.approx(0.272)
    for end, start in zip(ends[:-2], bars.base[1:-1], strict=True):
        assert start == pytest.approx(end), "each step begins where the one before ended"


def test_the_title_says_the_finding_and_the_subtitle_the_windows_and_rows(split: Split) -> None:
    figure = waterfall(split)
    words = figure.layout.title.text.replace("<br>", " ").replace("\u202f", " ")
    assert words.startswith("<b>Event rate rose 7.20 points: +1.10 from mix, +6.10 within segments")
    assert "the reference to July 2026 · n 10 000 and 2 500 rows with a known outcome" in words
    assert "95 % limits" in figure.layout.meta["alt"]


@pytest.mark.parametrize(("dark", "look"), [(False, LIGHT), (True, DARK)], ids=["light", "dark"])
def test_no_step_wears_the_colour_of_a_verdict(split: Split, dark: bool, look: object) -> None:
    colours = waterfall(split, dark=dark).data[0].marker.color
    assert isinstance(look, type(LIGHT))
    assert not set(colours) & set(look.status.values())


def test_what_chance_explains_is_drawn_pale_and_says_so(split: Split) -> None:
    bars = waterfall(split).data[0]
    farms = list(bars.y).index("within farms")
    assert bars.marker.color[farms] == LIGHT.soft(LIGHT.raises, 0.3)
    assert "within chance" in bars.hovertext[farms]
    assert bars.marker.color[farms - 1] == LIGHT.soft(LIGHT.raises, 0.75)


def test_many_segments_are_summed_up_at_the_end(split: Split) -> None:
    many = replace(split, segments=tuple(part(f"segment {at}", 0.061 / 20) for at in range(20)))
    bars = waterfall(many).data[0]
    assert "within 10 others" in bars.y
    assert bars.base[-2] + bars.x[-2] == pytest.approx(0.272)
