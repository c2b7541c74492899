"""Columns that come and go in a log are told, and change no count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.count import Counted, count

Columns = dict[str, Any]
Loans = Callable[..., Columns]
Write = Callable[..., str]


@pytest.fixture
def counted(write: Write, spec: Callable[..., LogSpec], loans: Loans) -> Callable[..., Counted]:
    """Counts a reference and two months, each with the columns it is given beside those of the model file."""

    def made(
        *, reference: Columns | None = None, months: tuple[Columns, Columns] = ({}, {}), **changes: Any
    ) -> Counted:
        sides = [
            loans(400, seed=at, days=20, first_id=1_000 * at) | more
            for at, more in enumerate((reference or {}, *months))
        ]
        files = [write(side, f"{name}.parquet") for name, side in zip(("reference", "may", "june"), sides, strict=True)]
        log = spec(reference=None, **changes)
        return count(log, model_id="m", version_id="1", log=files[1:], reference=files[:1])

    return made


def test_columns_that_no_model_file_asks_for_are_told_by_where_they_come_and_go(
    counted: Callable[..., Counted],
) -> None:
    shop, till = {"shop": [1] * 400}, {"till": ["a"] * 400}
    found = counted(reference=till, months=(till, shop))
    assert found.notes == (
        "New in the log, and not in the model file: shop (first in june.parquet).",
        "Gone from the log, though the model file does not ask for it: till (first missing in june.parquet).",
    )
    bare = counted()
    assert bare.notes == ()
    assert [one.columns.keys() for one in found.windows] == [one.columns.keys() for one in bare.windows]


def test_what_the_model_file_names_and_what_stands_throughout_is_no_news(counted: Callable[..., Counted]) -> None:
    money, noise = {"money": [1.0] * 400}, {"noise": [1] * 400}
    assert counted(reference=noise, months=(noise | money, noise | money), amount="money").notes == ()


def test_where_features_are_inferred_a_new_column_is_none_and_is_told(counted: Callable[..., Counted]) -> None:
    shop = {"shop": [1] * 400}
    found = counted(months=(shop, shop), numeric=None, categorical=None)
    assert "New in the log, and not in the model file: shop (first in may.parquet)." in found.notes
    assert "shop" not in found.windows[0].columns
