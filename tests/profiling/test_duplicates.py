"""Ids that come twice: none missed, none made up, whatever their type and order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec
from plumbline.profiling import duplicates
from plumbline.profiling.count import Counted, count

Columns = dict[str, Any]
Loans = Callable[..., Columns]
Write = Callable[..., str]
Spec = Callable[..., LogSpec]


@pytest.fixture
def run(loans: Loans, write: Write, spec: Spec) -> Callable[..., Counted]:
    def made(*ids: Any) -> Counted:
        files = []
        for at, each in enumerate(ids):
            rows = loans(len(each), seed=at)
            rows["id"] = each
            rows["split"] = np.where((np.arange(len(each)) < 20) & (at == 0), "reference", "production")
            files.append(write(rows, f"{at}.parquet"))
        return count(spec(), model_id="loans", version_id="1", log=files)

    return made


def repeated(*ids: Any) -> int:
    return sum(times - 1 for times in Counter(np.concatenate(ids).tolist()).values())


@pytest.mark.parametrize(
    "ids",
    [
        (np.arange(900), np.arange(900, 1_500)),
        (np.arange(900), np.arange(880, 1_500)),
        (np.arange(900)[::-1], np.arange(900, 1_500)),
        (np.concatenate([np.arange(899), [500]]),),
        (np.array([f"A{at % 700}" if at > 50 else f"R{at}" for at in range(900)]),),
    ],
    ids=["ascending", "files that meet", "descending", "one within a file", "text"],
)
@pytest.mark.parametrize("at_once", [2_000_000, 100])
def test_every_later_row_of_an_id_is_set_aside(
    ids: tuple[Any, ...], at_once: int, run: Callable[..., Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "_AT_ONCE", at_once)
    monkeypatch.setattr(duplicates, "_SUSPECTS", at_once)
    found = run(*ids)
    assert found.quarantine.get("duplicate id", 0) == repeated(*ids)
    assert found.rows_in == found.reference.rows + sum(each.rows for each in found.windows) + repeated(*ids)


def test_of_ids_on_both_sides_the_first_is_named(run: Callable[..., Counted]) -> None:
    ids = np.array([f"A{at:03d}" for at in range(900)])
    ids[600:610] = ids[5:15]
    with pytest.raises(LogError, match=r"rows in both: 10, the first with id = 'A005'") as refused:
        run(ids)
    assert refused.value.where.endswith("row 601")
