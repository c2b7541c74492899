"""The parts of pages: verdicts never by colour alone, foreign text without markup, spreadsheets without formulas."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from plumbline.domain.results import Level
from plumbline.services.views.status import MARKS, WORDS
from plumbline.ui.components import badge


@pytest.mark.parametrize("level", Level)
def test_a_verdict_has_colour_mark_and_word(level: Level) -> None:
    assert badge(level).endswith(f"-badge[{MARKS[level]} {WORDS[level]}]")


def test_marks_and_words_tell_all_verdicts_apart() -> None:
    assert len(set(MARKS.values())) == len(set(WORDS.values())) == len(Level)


def test_text_from_outside_stays_text() -> None:
    assert badge(Level.RED, "a](x) <b>") == ":red-badge[■ a\\]\\(x\\) \\<b\\>]"


def chooser() -> None:
    import streamlit as st

    from plumbline.ui import components

    picked = components.choice("Window", ["2026-01", "2026-02"], key="window", words=lambda key: f"in {key}")
    st.text(picked)


def test_a_choice_is_read_from_the_address_by_its_id() -> None:
    at = AppTest.from_function(chooser)
    at.query_params["window"] = "2026-02"
    at.run()
    assert at.text[0].value == "2026-02"


def test_a_choice_is_written_to_the_address_by_its_id() -> None:
    at = AppTest.from_function(chooser).run()
    assert at.text[0].value == "2026-01"
    at.selectbox(key="window").select("2026-02").run()
    assert at.text[0].value == "2026-02"
    assert at.query_params["window"] == "2026-02"


def test_an_unknown_value_in_the_address_is_said() -> None:
    at = AppTest.from_function(chooser)
    at.query_params["window"] = "1999-01"
    at.run()
    assert "which is not here" in at.warning[0].value
    assert at.text[0].value == "2026-01"
