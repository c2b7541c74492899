"""The passport of one figure, found by its result: what it is, of which rows, by which rule, on whose word."""

from __future__ import annotations

from collections.abc import Sequence

from plumbline.domain.errors import NotFound
from plumbline.domain.results import REFERENCE, Measurement
from plumbline.domain.silent import SILENT_ORDER
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.divergence import DIVERGENCE
from plumbline.services.passport_rule import rule
from plumbline.services.passport_sample import bins, evidence, sample
from plumbline.services.views.passport import Family, Known, Origin, Passport
from plumbline.services.views.status import marked
from plumbline.stats.registry import METRICS
from plumbline.store import log, people, results
from plumbline.store.database import Cursor
from plumbline.store.results import StoredResult
from plumbline.workflow.events import MonitoringRecorded


def passport(ctx: Context, result_id: str) -> Passport:
    """Everything that the figure was made of and judged by.

    Raises:
        NotFound: the store has no such result.
    """
    with ctx.store.read() as cursor:
        one = stored_result(cursor, result_id)
        every = results.of_figure(cursor, one)
        tested = results.tested_with(cursor, one, all_rows_too=one.result.measurement.metric == DIVERGENCE)
        found = evidence(cursor, one)
        origin = _origin(cursor, one)
    m = one.result.measurement
    subject = stored.subject(ctx, one.model_id, one.version_id)
    bounds, source = _of_registry(m.metric)
    return Passport(
        model_id=one.model_id,
        version=one.version_id,
        subject=subject_words(m),
        metric=by_window.metric_words(m.metric),
        bounds=bounds,
        source=source,
        result=one.result,
        family=_family(m, tested),
        window=sample(found.window, m),
        window_sha256=found.sha256(one.result.window.label),
        reference=sample(found.reference, m),
        reference_sha256=found.sha256(REFERENCE),
        bins=bins(found, m),
        rule=rule(one.result, ctx.policy, subject.family, subject.tier, subject.house.get(m.metric, "")),
        origin=origin,
        known=_known(every),
        superseded=one.run_seq < max(each.run_seq for each in every),
    )


def stored_result(cursor: Cursor, result_id: str) -> StoredResult:
    """NotFound where the store has no such result."""
    one = results.by_id(cursor, result_id)
    if one is None:
        raise NotFound(
            f"There is no figure '{result_id}' in this store",
            remedy="The address may be of another store, or misspelt; open the passport from a page.",
        )
    return one


def subject_words(m: Measurement) -> str:
    """Of which column and population a figure is.

    >>> subject_words(Measurement(metric="psi", column="income", segment_by="sex", segment="F"))
    'column income, sex: F'
    """
    named = [f"column {m.column}"] if m.column else []
    named += [f"{m.segment_by}: {m.segment}"] if m.segment_by else []
    return ", ".join(named) or "all rows"


def _of_registry(metric: str) -> tuple[str, str]:
    """(range, source) of a metric; the registry does not hold the house's own."""
    known = METRICS.get(metric)
    if known is None:
        return "", "The house's own metric, from the model file"
    low, high = ("open" if limit is None else f"{limit:g}" for limit in (known.low, known.high))
    return f"{low} to {high}", known.source


def _family(m: Measurement, tested: int) -> Family:
    """Which figures it was corrected with; the families are those of services.measure.adjusted, and of divergence."""
    if m.metric in SILENT_ORDER:
        return Family(size=1, words="a bound on the chance of this finding alone, so nothing was corrected")
    if m.p_adjusted is None or tested < 2:
        return Family(size=tested, words="it stands alone, so there was nothing to correct")
    if m.metric == DIVERGENCE:
        return Family(size=tested, words=f"Holm, {tested} cohorts of this window, all rows among them")
    if m.column is None:
        return Family(size=tested, words=f"Holm, {tested} segments and groups of this metric and window")
    which = "columns by segment" if m.segment_by else "columns"
    return Family(size=tested, words=f"Benjamini-Hochberg, {tested} {which} of this metric and window")


def _origin(cursor: Cursor, one: StoredResult) -> Origin:
    entry = next(log.links(cursor, where="seq = ?", values=(one.run_seq,)))
    told = log.recorded(entry)
    names = {person.user_id: person.name for person in people.people(cursor)}
    return Origin(
        result_id=one.result_id,
        run_id=one.run_id,
        recorded_at=one.recorded_at,
        recorded_by=names.get(told.actor, told.actor),
        app_version=told.app_version,
        source=told.event.source if isinstance(told.event, MonitoringRecorded) else "",
        seq=one.run_seq,
    )


def _known(every: Sequence[StoredResult]) -> tuple[Known, ...]:
    return tuple(
        Known(
            recorded_at=each.recorded_at,
            label_share=each.result.measurement.label_share,
            estimate=each.result.measurement.estimate,
            low=each.result.measurement.low,
            high=each.result.measurement.high,
            n=each.result.measurement.n,
            verdict=marked(each.result.verdict.level),
            result_id=each.result_id,
        )
        for each in every
    )
