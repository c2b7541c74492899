"""Every figure of a model of each task, made again from stored bytes: the same to the last digit, or the reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plumbline.policy.load import load_policy
from plumbline.services import stored
from plumbline.services.context import Context
from plumbline.services.passport import passport
from plumbline.services.passport_sample import earlier, evidence
from plumbline.services.recomputing import compared, judged_again, name_of, recompute
from plumbline.services.views import passport as words
from plumbline.store import results
from plumbline.store.database import Store
from plumbline.store.results import StoredResult

ONE_OF_EACH_TASK = ("bureau-score", "service-routing", "asset-returns")


def _clock() -> datetime:
    return datetime(2026, 10, 31, tzinfo=UTC)


@pytest.fixture
def estate(sample_estate: Path) -> Iterator[Context]:
    store = Store.open(sample_estate, clock=_clock)
    yield Context(store, _clock, lambda: "new", load_policy())
    store.close()


def _by_run_and_window(ctx: Context, model: str) -> dict[tuple[str, str], list[StoredResult]]:
    found: dict[tuple[str, str], list[StoredResult]] = {}
    with ctx.store.read() as cursor:
        for one in results.current(cursor, model_id=model):
            found.setdefault((one.run_id, one.result.window.label), []).append(one)
    return found


@pytest.mark.parametrize("model", ONE_OF_EACH_TASK)
def test_every_figure_is_made_again_to_the_last_digit(estate: Context, model: str) -> None:
    differing, looked_at = list[object](), 0
    for some in _by_run_and_window(estate, model).values():
        with estate.store.read() as cursor:
            found, spec = evidence(cursor, some[0]), stored.registered_log(cursor, model, some[0].version_id)
            before = earlier(cursor, some[0], found.account) if found.account else {}
        subject = stored.subject(estate, model, some[0].version_id)
        assert spec is not None
        assert found.reference is not None
        assert found.window is not None
        held = [found.reference, *(each for each in before.values() if each is not None), found.window]
        results = judged_again(spec, held, estate.policy, family=subject.family, tier=subject.tier)
        again = {name_of(each.measurement): each for each in results}
        for one in some:
            name, looked_at = name_of(one.result.measurement), looked_at + 1
            digits = compared(one.result.measurement, again[name].measurement)
            differing += [(name, each) for each in digits if not each.same]
            if again[name].verdict != one.result.verdict:
                differing.append((name, again[name].verdict))
    assert looked_at > 2_000
    assert not differing


def test_bytes_that_were_changed_are_told_and_nothing_is_made_of_them(estate: Context) -> None:
    (_, window), some = list(_by_run_and_window(estate, "bureau-score").items())[-1]
    connection = estate.store.connection
    connection.execute("drop trigger profile_no_update on profile")
    changed = 'update profile set content = content || content where model_id = ? and "window" = ?'
    connection.execute(changed, ["bureau-score", window])
    again = recompute(estate, some[0].result_id)
    assert not again.same
    assert window in again.why_not
    view = passport(estate, some[0].result_id)
    assert view.window is None
    assert any("no stored bytes give this hash" in line["Window"] for line in words.samples(view))
