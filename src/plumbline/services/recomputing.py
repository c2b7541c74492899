"""One stored figure made again, digit by digit, from the bytes that its run counted: the proof behind its passport."""

from __future__ import annotations

from collections.abc import Iterator

from plumbline.domain.log_spec import LogSpec
from plumbline.domain.results import Measurement, Result
from plumbline.policy.judge import judge_window
from plumbline.policy.load import Policy
from plumbline.profiling.known import spec_mark
from plumbline.profiling.profile import Profile
from plumbline.services import stored
from plumbline.services.context import Context
from plumbline.services.measure import measure_windows
from plumbline.services.passport import stored_result
from plumbline.services.passport_sample import Evidence, evidence
from plumbline.services.views.passport import Digits, Recomputed

FIELDS = (
    *("estimate", "low", "high", "confidence", "method", "n", "events", "n_reference", "label_share"),
    *("reference", "effect", "p_value", "p_adjusted", "error_bound", "why_not"),
)
NO_ACCOUNT = "The run left no account of its profiles, so nobody can say from which bytes it measured."
NO_BYTES = "No stored bytes give the hash that the run measured {label} by: they were changed, or are gone."
OTHER_LOG = "The register's [log] is another than the one that the run counted under."
FROM_ROWS = (
    "This figure is made of the rows themselves, and profiles keep none: run plumbline monitor on the log again."
)
OTHER_POLICY = (
    "The figure is compared, not its verdict: it was judged under policy {then}, and policy {now} is in force."
)


def recompute(ctx: Context, result_id: str) -> Recomputed:
    """The figure measured anew on its run's reference and window, and judged anew under the same policy.

    Raises:
        NotFound: the store has no such result.
    """
    at = ctx.clock()
    with ctx.store.read() as cursor:
        one = stored_result(cursor, result_id)
        found = evidence(cursor, one)
        spec = stored.registered_log(cursor, one.model_id, one.version_id)
    label = one.result.window.label
    missing = _missing(found, spec, label)
    if missing or found.reference is None or found.window is None:
        return Recomputed(at=at, why_not=missing)
    measured = measured_again(spec, found.reference, found.window, ctx.policy)
    again = next((each for each in measured if name_of(each) == name_of(one.result.measurement)), None)
    if again is None:
        return Recomputed(at=at, why_not=FROM_ROWS)
    digits = tuple(compared(one.result.measurement, again))
    if one.result.verdict.policy != ctx.policy.digest:
        told = OTHER_POLICY.format(then=one.result.verdict.policy[:12], now=ctx.policy.digest[:12])
        return Recomputed(at=at, digits=digits, note=told)
    subject = stored.subject(ctx, one.model_id, one.version_id)
    verdict = judge_window([again], ctx.policy, family=subject.family, tier=subject.tier)[0]
    return Recomputed(at=at, digits=(*digits, *_verdicts(one.result, Result(one.result.window, again, verdict))))


def measured_again(spec: LogSpec, reference: Profile, window: Profile, policy: Policy) -> tuple[Measurement, ...]:
    """Every figure of the window, from its profile and the reference's alone."""
    # The reference's own figures are those of the very profile that is the reference.
    current = reference if window.window == reference.window else window
    return measure_windows(spec, reference, [current], policy)[0]


def _missing(found: Evidence, spec: LogSpec, label: str) -> str:
    """What stands in the way, in words; empty where nothing does."""
    if found.account is None:
        return NO_ACCOUNT
    gone = "the reference" if found.reference is None else label if found.window is None else ""
    if gone:
        return NO_BYTES.format(label=gone)
    return "" if found.account.log == spec_mark(spec) else OTHER_LOG


def name_of(m: Measurement) -> tuple[str, str | None, str | None, str | None]:
    """What tells a figure from the others of its window."""
    return m.metric, m.column, m.segment_by, m.segment


def compared(then: Measurement, again: Measurement) -> Iterator[Digits]:
    """Every field with all its digits: two floats that are written alike are the same bits."""
    for field in FIELDS:
        stored_value, made = getattr(then, field), getattr(again, field)
        if stored_value not in (None, "") or made not in (None, ""):
            yield Digits(field, _written(stored_value), _written(made))


def _verdicts(then: Result, again: Result) -> Iterator[Digits]:
    for field in ("level", "reason", "rule"):
        yield Digits(field, str(getattr(then.verdict, field)), str(getattr(again.verdict, field)))


def _written(value: float | int | str | None) -> str:
    """
    >>> _written(0.1 + 0.2), _written(3), _written(None)
    ('0.30000000000000004', '3', 'none')
    """
    return "none" if value is None else value if isinstance(value, str) else repr(value)
