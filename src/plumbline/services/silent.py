"""Silent failures of each window, judged: what comes before drift in every list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from plumbline.domain.log_spec import LogSpec
from plumbline.domain.results import Measurement, Result
from plumbline.domain.silent import SILENT_FAILURES, Found
from plumbline.policy.load import Policy
from plumbline.policy.silent import Silent, judge_number, judge_silent
from plumbline.profiling.profile import LABEL, CategoricalColumn, NumericColumn, Profile
from plumbline.services.silent_levels import of_levels
from plumbline.services.silent_numbers import of_numbers
from plumbline.services.silent_windows import from_the_future, no_rows, no_values, repeated, standing_still


def silent_failures(
    spec: LogSpec, found: Sequence[Profile], policy: Policy, *, leaving: Collection[str] = (), ahead: int = 0
) -> tuple[Result, ...]:
    """Each failure of each window with its verdict, then their number; `leaving` out some windows.

    `found` begins with the reference; a window is held against it and against the windows before it, never after.
    `ahead` rows of the run lay in the future: its newest window with rows says so.
    """
    results: list[Result] = []
    newest = max((at for at, profile in enumerate(found) if at and profile.rows), default=0)
    rows = sum(profile.rows for profile in found[1:])
    for at, current in enumerate(found[1:], start=1):
        if current.window.label not in leaving:
            future = [from_the_future(ahead, rows)] if ahead and at == newest else []
            failures = [*future, *_of_window(spec, found[0], found[1:at], current, policy.thresholds.silent)]
            results += [_result(current, each, policy) for each in failures]
            results.append(_number(found[0], current, failures, policy))
    return tuple(results)


def _of_window(
    spec: LogSpec, reference: Profile, earlier: Sequence[Profile], current: Profile, limits: Silent
) -> Iterator[Found]:
    if not current.rows:
        nothing = no_rows(spec.window, current, earlier, limits)
        yield from [nothing] if nothing else []
        return
    again = repeated(current, [reference, *earlier], limits)
    yield from [again] if again else []
    yield from no_values(reference, current, limits)
    both = {
        name: (reference.columns[name], column)
        for name, column in current.columns.items()
        if name != LABEL and column.n and name in reference.columns
    }
    levels = {
        name: (one, two)
        for name, (one, two) in both.items()
        if isinstance(one, CategoricalColumn) and isinstance(two, CategoricalColumn)
    }
    numbers = {
        name: (one, two)
        for name, (one, two) in both.items()
        if isinstance(one, NumericColumn) and isinstance(two, NumericColumn)
    }
    told = [*of_levels(levels, limits), *of_numbers(numbers, limits)]
    yield from told
    still = standing_still(current, earlier, limits)
    yield from (each for each in still if each.column not in {one.column for one in told})


def _result(current: Profile, found: Found, policy: Policy) -> Result:
    measured = Measurement(
        metric=found.failure.value,
        column=found.column,
        estimate=found.estimate,
        method=found.method,
        n=found.n,
        n_reference=found.n_reference,
        reference=found.reference,
        p_value=found.chance,
        p_adjusted=found.chance,
    )
    return Result(current.window, measured, judge_silent(found, policy))


def _number(reference: Profile, current: Profile, found: list[Found], policy: Policy) -> Result:
    rows, before = current.rows, reference.rows
    measured = Measurement(
        metric=SILENT_FAILURES,
        estimate=float(len(found)),
        method="count of findings",
        n=rows,
        n_reference=before,
    )
    return Result(current.window, measured, judge_number(found, rows, before, policy))
