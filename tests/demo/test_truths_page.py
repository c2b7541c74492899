"""docs/sample-estate.md is what the list of truths says."""

from __future__ import annotations

from pathlib import Path

from plumbline.demo.catalogue import RECIPES
from plumbline.demo.truths import SILENCES, TRUTHS
from plumbline.demo.truths_page import page


def test_page_is_written_from_the_list(root: Path) -> None:
    assert (root / "docs" / "sample-estate.md").read_text(encoding="utf-8") == page()


def test_every_model_has_something_to_find_or_to_keep_silent_on() -> None:
    assert {truth.model for truth in TRUTHS} | {silence.model for silence in SILENCES} == {
        recipe.id for recipe in RECIPES
    }


def test_months_of_each_truth_are_in_order() -> None:
    assert all(truth.starts <= truth.found_by <= truth.until for truth in TRUTHS)
