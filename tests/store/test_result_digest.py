"""The digest of results: the same as canonical JSON gives, from Python's objects and from the store's rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.entries import recorded

from plumbline.domain.chain import digest_of
from plumbline.domain.results import Level, Measurement, Result, Verdict, Window
from plumbline.store import result_digest, results
from plumbline.store.database import Store
from plumbline.store.result_digest import digest, stored_digests

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)
# Control characters are written otherwise by the engine; `verify` makes such lines again from the rows.
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
RESULTS = st.builds(
    Result,
    st.builds(Window, WORDS, st.none() | st.just(NOON), st.none() | st.just(NOON)),
    st.builds(
        Measurement,
        metric=WORDS,
        column=st.none() | WORDS,
        segment_by=st.none() | WORDS,
        segment=st.none() | WORDS,
        method=WORDS,
        population=st.none() | WORDS,
        n=st.integers(0, 2**62),
        events=st.none() | st.integers(0, 2**62),
        **dict.fromkeys(result_digest.NUMBERS, NUMBERS),
    ),
    st.builds(Verdict, st.sampled_from(Level), WORDS, WORDS, WORDS),
)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """One for all examples, each of which is a run of its own: making the tables takes longer than the test."""
    store = Store.open(":memory:", clock=lambda: NOON)
    yield store
    store.close()


RUNS = itertools.count(1)


@given(found=st.lists(RESULTS, min_size=1, max_size=5))
def test_objects_rows_and_canonical_json_agree(store: Store, found: list[Result]) -> None:
    wanted = digest_of(result.as_json() for result in found)
    assert digest(found) == digest(found[::-1]) == wanted
    seq = next(RUNS)
    with store.read() as cursor:
        results.insert_results(
            cursor, replace(recorded(7), seq=seq), run_id=f"run-{seq}", version_id="1", results=found
        )
        assert dict(stored_digests(cursor))[f"run-{seq}", seq] == wanted
        assert digest(results.of_run(cursor, f"run-{seq}")) == wanted


def test_many_runs_are_read_in_batches(clock: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_digest, "AT_ONCE", 2)
    judged = Verdict(Level.GREEN, "within", "rule", "policy")
    each = [
        [Result(Window(str(seq)), Measurement(metric="psi", n=at), judged) for at in range(seq)] for seq in (1, 2, 3)
    ]
    store = Store.open(":memory:", clock=clock)
    with store.read() as cursor:
        for seq, found in enumerate(each, start=1):
            results.insert_results(
                cursor, replace(recorded(7), seq=seq), run_id=f"run-{seq}", version_id="1", results=found
            )
        assert dict(stored_digests(cursor)) == {(f"run-{seq}", seq): digest(found) for seq, found in enumerate(each, 1)}
    store.close()


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    broken = Result(Window("w"), Measurement(metric="psi", estimate=float("nan")), Verdict(Level.GREEN, "", "", ""))
    with pytest.raises(ValueError, match="nan"):
        digest([broken])
