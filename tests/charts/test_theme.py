"""Both themes keep their contrast, and no group takes a verdict's colour."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from plumbline.charts import theme
from plumbline.domain.results import Level


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition in its glossary)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(front: str, back: str, opacity: float) -> str:
    pairs = [(int(front[at : at + 2], 16), int(back[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(opacity * over + (1 - opacity) * under):02X}" for over, under in pairs)


def test_the_measure_of_contrast_is_the_standard_one() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True])
def test_verdicts_and_words_keep_aa_contrast(dark: bool) -> None:
    look = theme.look(dark)
    for level in Level:
        assert contrast(look.status[level], look.paper) >= 4.5, level
    for colour in (look.ink, look.muted, look.reference_text):
        assert contrast(colour, look.paper) >= 4.5
    for colour in look.groups:
        assert contrast(colour, look.paper) >= 3.0, "a mark needs 3 to 1"


@pytest.mark.parametrize("dark", [False, True])
def test_groups_are_eight_and_never_a_verdict(dark: bool) -> None:
    look = theme.look(dark)
    assert len(set(look.groups)) == 8
    assert not set(look.groups) & {look.status[Level.RED], look.status[Level.GREEN]}


@pytest.mark.parametrize(("name", "dark"), [("light", False), ("dark", True)])
def test_the_pages_and_the_figures_share_one_theme(root: Path, name: str, dark: bool) -> None:
    page = tomllib.loads((root / ".streamlit" / "config.toml").read_text())["theme"][name]
    look = theme.look(dark)
    assert page["backgroundColor"] == look.paper
    # Captions are the text at 60 %, so the text itself has to be darker than a figure's.
    assert contrast(mixed(page["textColor"], look.paper, 0.6), look.paper) >= 4.5
    for hue, level in (("green", Level.GREEN), ("red", Level.RED), ("orange", Level.AMBER), ("blue", Level.WATCH)):
        assert page[f"{hue}Color"] == look.status[level]
        assert contrast(page[f"{hue}TextColor"], page[f"{hue}BackgroundColor"]) >= 4.5, f"a badge in {hue}"
    assert contrast(page["grayTextColor"], page["grayBackgroundColor"]) >= 4.5


def test_nothing_is_told_to_anyone(root: Path) -> None:
    text = (root / ".streamlit" / "config.toml").read_text()
    assert tomllib.loads(text)["browser"]["gatherUsageStats"] is False
    assert "http" not in text, "no font or file comes from elsewhere"
