"""Rows of a window told from the reference's: the same figure whatever the order of rows, files and runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import REFERENCE
from plumbline.domain.toml_table import Table
from plumbline.profiling.count import Counted, count
from plumbline.profiling.domain_scores import DomainScores
from plumbline.profiling.known import Known, spec_mark
from plumbline.profiling.merging import merged
from plumbline.profiling.serial import decode, encode

Make = Callable[..., Any]
MONTHS = ("2026-01", "2026-02", "2026-03")


def counted(spec: LogSpec, *log: str, reference: tuple[str, ...] = (), known: Known | None = None) -> Counted:
    return count(spec, model_id="m", version_id="1", log=log, reference=reference, known=known)


def scores(found: Counted) -> dict[str, DomainScores]:
    held = {each.window.label: each.domain for each in (found.reference, *found.windows)}
    return {label: each for label, each in held.items() if each is not None}


def told(each: DomainScores) -> tuple[Any, ...]:
    """All of it, for comparison."""
    folds = [fold.tolist() for fold in each.folds]
    return each.rows, each.rows_reference, each.sample, each.reference, each.seed, each.leant, folds


@pytest.fixture
def asked(spec: Callable[..., LogSpec]) -> LogSpec:
    return spec(domain_rows=500)


def test_every_row_of_a_side_is_scored_once_and_at_most_as_many_as_asked_for(
    loans: Make, write: Make, asked: LogSpec
) -> None:
    found = counted(asked, write(loans(3_000)))
    of = scores(found)
    rows = {each.window.label: each.rows for each in (found.reference, *found.windows)}
    assert set(of) == {REFERENCE, *MONTHS}
    assert of[REFERENCE].rows == 500 < rows[REFERENCE]
    assert (of[REFERENCE].reference, of[REFERENCE].folds) == ("", ())
    for label in MONTHS:
        each = of[label]
        assert each.reference == of[REFERENCE].sample
        assert (each.rows_reference, each.rows) == (500, min(rows[label], 500))
        assert sum(fold.sum(axis=1) for fold in each.folds).tolist() == [each.rows_reference, each.rows]
        assert {name for name, _ in each.leant} <= {"income", "dependants", "sector", "sex"}


def test_neither_the_order_of_rows_nor_the_cut_into_files_decides(loans: Make, write: Make, asked: LogSpec) -> None:
    rows = loans(1_300)
    order = np.random.default_rng(1).permutation(1_300)
    whole = scores(counted(asked, write(rows)))
    turned = scores(counted(asked, write({name: of[order] for name, of in rows.items()}, "turned.parquet")))
    halves = [write({name: of[side] for name, of in rows.items()}, f"{at}.parquet")
              for at, side in enumerate((order[:500], order[500:]))]  # fmt: skip
    parted = scores(counted(asked, *halves))
    for label, each in whole.items():
        assert told(each) == told(turned[label]) == told(parted[label])


def test_rows_set_aside_are_in_no_sample(loans: Make, write: Make, asked: LogSpec) -> None:
    """A row without a usable score, and later rows of an id, in the reference and in a month."""
    rows = loans(1_300)
    plain = scores(counted(asked, write(rows)))
    extra = {name: np.concatenate([of, of[[3, 5, 1_200]], of[[7, 1_201]]]) for name, of in rows.items()}
    extra["income"][-5:] = 1e9
    extra["score"][-2:] = 7.0
    extra["id"][-2:] = ["new 1", "new 2"]
    assert {label: told(each) for label, each in scores(counted(asked, write(extra, "more.parquet"))).items()} == {
        label: told(each) for label, each in plain.items()
    }


def test_what_is_taken_over_and_what_is_counted_anew_are_held_against_one_sample(
    loans: Make, write: Make, spec: Callable[..., LogSpec]
) -> None:
    asked = spec(reference=None, domain_rows=500)
    rows, before = loans(1_500), loans(900, seed=4, first_id=90_000)
    before["score"][::9] = 7.0  # set aside
    reference = write(before, "reference.parquet")
    month = rows["event_time"].astype("datetime64[M]")
    files = [write({name: of[month == np.datetime64(each)] for name, of in rows.items()}, f"{each}.parquet")
             for each in MONTHS]  # fmt: skip
    first = counted(asked, *files[:2], reference=(reference,))
    windows = {each.window.label: each for each in (first.reference, *first.windows)}
    known = Known(files=first.files, windows=windows, runs=dict.fromkeys(windows, "r1"))
    second = counted(asked, *files, reference=(reference,), known=known)
    assert second.taken == {REFERENCE, *MONTHS[:2]}
    fresh = counted(asked, *files, reference=(reference,))
    assert [encode(each) for each in (second.reference, *second.windows)] == [
        encode(each) for each in (fresh.reference, *fresh.windows)
    ]


def test_it_survives_its_bytes_and_no_sum(loans: Make, write: Make, asked: LogSpec) -> None:
    found = counted(asked, write(loans(1_300)))
    window, other = found.windows[:2]
    back = decode(encode(window))
    assert encode(back) == encode(window)
    assert back.domain is not None
    assert window.domain is not None
    assert told(back.domain) == told(window.domain)
    assert (window + other).domain is None
    assert all(each.domain is None for each in merged(found.windows, "quarter"))


def test_without_being_asked_for_nothing_of_it_is_in_profile_or_mark(
    loans: Make, write: Make, spec: Callable[..., LogSpec], asked: LogSpec
) -> None:
    path = write(loans(1_000))
    assert all(b"domain" not in encode(each) and each.domain is None for each in counted(spec(), path).windows)
    assert spec_mark(spec()) != spec_mark(asked) != spec_mark(spec(domain_rows=501))


def test_an_unseen_level_and_a_value_that_vanished_tell_a_month_apart(loans: Make, write: Make, asked: LogSpec) -> None:
    rows = loans(4_000)
    march = rows["event_time"] >= np.datetime64("2026-03-01")
    rows["sector"] = np.where(march, "mine", rows["sector"])
    rows["income"] = np.where(rows["event_time"] < np.datetime64("2026-02-01"), rows["income"], np.nan)
    found = scores(counted(asked, write(rows | {"nothing": np.full(4_000, np.nan)})))
    assert found["2026-03"].leant[0][0] in ("sector", "income")
    assert auc(found["2026-03"]) > 0.95
    assert found["2026-02"].leant[0][0] == "income"


def auc(each: DomainScores) -> float:
    """By counting pairs, fold by fold."""
    areas = [(window @ (np.cumsum(reference) - reference / 2)) / (reference.sum() * window.sum())
             for reference, window in each.folds]  # fmt: skip
    return float(np.mean(areas))


def test_a_feature_without_a_single_value_is_no_hindrance(
    loans: Make, write: Make, spec: Callable[..., LogSpec]
) -> None:
    rows = loans(3_000) | {"nothing": np.full(3_000, np.nan), "void": np.full(3_000, np.nan)}
    nothing = scores(counted(spec(domain_rows=500, numeric=["nothing", "void"], categorical=[]), write(rows)))
    assert nothing["2026-03"].leant == ()
    assert auc(nothing["2026-03"]) == 0.5


def test_a_single_feature_has_no_combinations_and_the_run_says_so(
    loans: Make, write: Make, spec: Callable[..., LogSpec]
) -> None:
    found = counted(spec(domain_rows=500, numeric=["income"], categorical=[]), write(loans(1_000)))
    assert not scores(found)
    assert any("fewer than two" in note for note in found.notes)


def test_too_few_rows_are_told_with_their_number_and_not_scored(loans: Make, write: Make, asked: LogSpec) -> None:
    found = scores(counted(asked, write(loans(120))))
    assert [(found[label].rows_reference, found[label].folds) for label in MONTHS] == [(30, ())] * 3
    assert all(0 < found[label].rows < 50 for label in MONTHS)


def test_a_log_without_ids_is_drawn_by_place(loans: Make, write: Make, spec: Callable[..., LogSpec]) -> None:
    path = write(loans(3_000))
    once, twice = (scores(counted(spec(id=None, domain_rows=500), path)) for _ in range(2))
    assert {label: told(each) for label, each in once.items()} == {label: told(each) for label, each in twice.items()}
    assert once["2026-02"].rows == 500


@pytest.mark.parametrize("value", ["many", 3, -1, 0, 499, 50_001, 600.0, True])
def test_a_number_of_rows_that_is_none_is_refused_by_name(value: Any) -> None:
    raw = {"timestamp": "at", "score": "score", "domain_rows": value}
    with pytest.raises(LogError, match="domain_rows"):
        parse_log(Table(raw, file="model.toml", path="[log]"), Task.BINARY, ())
