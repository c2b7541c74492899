"""One stored figure made again, digit by digit, from the bytes that its run counted: the proof behind its passport."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plumbline.domain.log_spec import LogSpec
from plumbline.domain.models import Tier
from plumbline.domain.results import REFERENCE, Measurement, Result
from plumbline.policy.load import Policy
from plumbline.profiling.known import spec_marks
from plumbline.profiling.profile import Profile
from plumbline.services import stored
from plumbline.services.context import Context
from plumbline.services.judging import judged_results
from plumbline.services.passport import stored_result
from plumbline.services.passport_sample import Evidence, earlier, evidence
from plumbline.services.views.passport import Digits, Recomputed

FIELDS = (
    *("estimate", "low", "high", "confidence", "method", "n", "events", "n_reference", "label_share"),
    *("reference", "effect", "p_value", "p_adjusted", "error_bound", "population", "lowest", "highest", "why_not"),
)
NO_ACCOUNT = "The run left no account of its profiles, so nobody can say from which bytes it measured."
NO_BYTES = "No stored bytes give the hash that the run measured {label} by: they were changed, or are gone."
OTHER_LOG = "The register's [log] is another than the one that the run counted under."
NOT_MADE = "From these bytes the figure is not made again: run plumbline monitor once more on the log."
OTHER_POLICY = (
    "The figure is compared, not its verdict: it was judged under policy {then}, and policy {now} is in force."
)


def recompute(ctx: Context, result_id: str) -> Recomputed:
    """The figure measured anew on its run's reference and windows, and judged anew under the same policy.

    Raises:
        NotFound: the store has no such result.
    """
    at = ctx.clock()
    with ctx.store.read() as cursor:
        one = stored_result(cursor, result_id)
        found = evidence(cursor, one)
        before = earlier(cursor, one, found.account) if found.account else {}
        spec = stored.registered_log(cursor, one.model_id, one.version_id)
    missing = _missing(found, spec, one.result.window.label, before)
    if missing or spec is None:
        return Recomputed(at=at, why_not=missing)
    subject = stored.subject(ctx, one.model_id, one.version_id)
    held = [each for each in (found.reference, *before.values(), found.window) if each is not None]
    ahead = _ahead(found, one.result.window.label)
    results = judged_again(spec, held, ctx.policy, family=subject.family, tier=subject.tier, ahead=ahead)
    again = next((each for each in results if name_of(each.measurement) == name_of(one.result.measurement)), None)
    if again is None:
        return Recomputed(at=at, why_not=NOT_MADE)
    digits = tuple(compared(one.result.measurement, again.measurement))
    if one.result.verdict.policy != ctx.policy.digest:
        told = OTHER_POLICY.format(then=one.result.verdict.policy[:12], now=ctx.policy.digest[:12])
        return Recomputed(at=at, digits=digits, note=told)
    return Recomputed(at=at, digits=(*digits, *_verdicts(one.result, again)))


def judged_again(
    spec: LogSpec, held: Sequence[Profile], policy: Policy, *, family: str, tier: Tier, ahead: int = 0
) -> tuple[Result, ...]:
    """Every figure of the last of these windows: the reference first, then those that came before it; `ahead` rows of
    its run lay in the future.
    """
    # The reference's own figures are those of the very profile that is the reference.
    windows = held[:1] if held[-1].window == held[0].window else held
    others = {each.window.label for each in windows[:-1]}
    return judged_results(spec, windows, policy, family=family, tier=tier, leaving=others, ahead=ahead)


def _ahead(found: Evidence, label: str) -> int:
    """Rows of the run from the future, which its newest window tells of."""
    account = found.account
    return account.ahead if account and label == max(account.windows.keys() - {REFERENCE}, default="") else 0


def _missing(found: Evidence, spec: LogSpec | None, label: str, before: Mapping[str, Profile | None]) -> str:
    """What stands in the way, in words; empty where nothing does."""
    if found.account is None:
        return NO_ACCOUNT
    named = {"the reference": found.reference, label: found.window, **before}
    gone = next((name for name, profile in named.items() if profile is None), "")
    if gone:
        return NO_BYTES.format(label=gone)
    return "" if spec is not None and found.account.log in spec_marks(spec) else OTHER_LOG


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
