"""The product finds each injected truth, and keeps silent where it must, in the store that `plumbline demo` builds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plumbline.demo.truths import SILENCES, TRUTHS, Silence, Truth
from plumbline.domain.results import REFERENCE, Level, Result
from plumbline.store import results
from plumbline.store.database import Cursor, Store

ByModel = dict[str, list[Result]]


@pytest.fixture(scope="module")
def judged(sample_estate_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByModel]:
    """The newest result of every figure, by model."""
    copy = tmp_path_factory.mktemp("truths") / "plumbline.duckdb"
    copy.write_bytes(sample_estate_file.read_bytes())
    store = Store.open(copy, clock=lambda: pytest.fail("reading needs no clock"))
    try:
        with store.read() as cursor:
            models = [str(row[0]) for row in cursor.execute("select model_id from model").fetchall()]
            yield {model: _current(cursor, model) for model in models}
    finally:
        store.close()


def _current(cursor: Cursor, model: str) -> list[Result]:
    version = cursor.execute("select version_id from monitoring_run where model_id = ? limit 1", [model]).fetchone()
    assert version is not None, f"{model} was never monitored"
    found = results.current(cursor, model_id=model, version_id=str(version[0]))
    return [each.result for each in found if each.result.window.label != REFERENCE]


def _name(each: Truth | Silence) -> str:
    if isinstance(each, Silence):
        return f"{each.model} {each.starts}"
    return f"{each.model} {each.metric} {each.segment or each.column or 'all rows'}"


def _of(truth: Truth, found: list[Result]) -> dict[str, Level]:
    def same(result: Result) -> bool:
        m = result.measurement
        return (m.metric, m.column, m.segment_by, m.segment) == (
            truth.metric,
            truth.column,
            truth.segment_by,
            truth.segment,
        )

    return {result.window.label: result.verdict.level for result in found if same(result)}


@pytest.mark.parametrize("truth", TRUTHS, ids=_name)
def test_found_in_every_month_from_the_one_stated(judged: ByModel, truth: Truth) -> None:
    levels = _of(truth, judged[truth.model])
    due = {month: level.value for month, level in levels.items() if truth.found_by <= month <= truth.until}
    assert due, "the figure was not measured"
    assert due == dict.fromkeys(due, truth.level.value)


@pytest.mark.parametrize("truth", [truth for truth in TRUTHS if truth.level is Level.RED], ids=_name)
def test_not_found_before_it_is_so(judged: ByModel, truth: Truth) -> None:
    levels = _of(truth, judged[truth.model])
    assert [month for month, level in levels.items() if month < truth.starts and level is Level.RED] == []


@pytest.mark.parametrize("silence", SILENCES, ids=_name)
def test_silent_where_it_must_be(judged: ByModel, silence: Silence) -> None:
    spoke = [
        f"{result.window.label} {result.measurement.metric} {result.measurement.column}: {result.verdict.reason}"
        for result in judged[silence.model]
        if silence.starts <= result.window.label <= silence.until
        and result.measurement.segment_by is None
        and (not silence.metrics or result.measurement.metric in silence.metrics)
        and result.verdict.level in (Level.AMBER, Level.RED)
        and result.verdict.level.rank >= silence.below.rank
    ]
    assert spoke == []


def test_nothing_else_is_red(judged: ByModel) -> None:
    """Every red, in segments too, is a truth or what a truth carries with it, from the month it starts."""
    stray = [
        f"{model} {result.window.label} {m.metric} {m.column} {m.segment_by}={m.segment}: {result.verdict.reason}"
        for model, found in judged.items()
        for result in found
        for m in [result.measurement]
        if result.verdict.level is Level.RED and not _explained(model, result)
    ]
    assert stray == []


def _explained(model: str, result: Result) -> bool:
    return any(
        truth.starts <= result.window.label and result.measurement.metric in (truth.metric, *truth.carries)
        for truth in TRUTHS
        if truth.model == model
    )
