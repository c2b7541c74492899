"""When an estimate made without labels may be judged: as far as earlier ones came true."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.results import Record
from plumbline.policy.packs import Table


@dataclass(frozen=True, slots=True)
class Estimates:
    """`beyond`: share of scores outside the reference's up to which there is an estimate at all.

    The record: of the `span` newest earlier windows whose outcomes are in at least `windows`, and of those at least a
    share of `within` in which the realised figure lay within the estimate's interval or as near as `tolerance`.
    """

    beyond: float
    windows: int
    span: int
    within: float
    tolerance: float


def read_estimates(table: Table) -> Estimates:
    rules = Estimates(
        beyond=table.number("beyond"),
        windows=table.whole("windows"),
        span=table.whole("span"),
        within=table.number("within"),
        tolerance=table.number("tolerance"),
    )
    table.text("source")
    table.done()
    return rules


def untried(record: Record, rules: Estimates) -> str:
    """Why an estimate may not be judged; empty where its record is good enough.

    >>> rules = Estimates(beyond=0.05, windows=6, span=12, within=0.8, tolerance=0.005)
    >>> untried(Record(windows=12, within=11, error=0.004, newest_within=True), rules)
    ''
    >>> untried(Record(windows=2, within=2, error=0.004, newest_within=True), rules)
    'Not tried yet: the truth lay within its interval in 2 of 2 earlier windows, 6 are needed.'
    >>> untried(Record(windows=12, within=5, error=0.04, newest_within=False), rules)
    'Not trusted: the truth lay within its interval in 5 of 12 earlier windows (mean error 0.04), 80 % are needed.'
    >>> untried(Record(windows=12, within=11, error=0.004, newest_within=False), rules)
    'Not trusted: in the newest window whose outcomes are in, the truth lay outside its interval.'
    """
    if record.windows < rules.windows:
        return f"Not tried yet: {came_true(record)}, {rules.windows} are needed."
    if record.within < rules.within * record.windows:
        seen = f"{came_true(record)} (mean error {record.error:.2g})"
        return f"Not trusted: {seen}, {100 * rules.within:g} % are needed."
    if not record.newest_within:
        return "Not trusted: in the newest window whose outcomes are in, the truth lay outside its interval."
    return ""


def came_true(record: Record) -> str:
    """What became of earlier estimates, as part of a sentence."""
    if not record.windows:
        return "no earlier window has its outcomes in"
    windows = "window" if record.windows == 1 else "windows"
    return f"the truth lay within its interval in {record.within} of {record.windows} earlier {windows}"
