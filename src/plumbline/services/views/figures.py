"""How figures are written everywhere: a unit always, three significant digits, rates in per cent, changes in points."""

from __future__ import annotations

import math
import re
from datetime import date

THIN = "\u202f"  # narrow no-break space: thousands stay together on one line
RATES = ("rate", "share", "proportion", "probability", "points")  # written in per cent, their changes in points
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_QUARTER = re.compile(r"^(\d{4})Q([1-4])$")
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")


def significant(value: float, digits: int = 3) -> str:
    """Three significant digits, never in powers of ten, with thousands apart.

    >>> significant(0.07281), significant(0.2), significant(1234567.0).replace(THIN, " ")
    ('0.0728', '0.200', '1 230 000')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "not a number"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return f"{rounded:,.{min(max(decimals, 0), 6)}f}".replace(",", THIN).replace("-", "\u2212")


def figure(value: float | None, unit: str = "") -> str:
    """A value with its unit; `unit` is the registry's.

    >>> figure(0.0312, "rate"), figure(0.7312), figure(None), figure(0.0312, "points")
    ('3.12 %', '0.731', 'not measured', '3.12 points')
    >>> figure(120345, "count").replace(THIN, " ")
    '120 345'
    """
    if value is None:
        return "not measured"
    if unit == "points":  # a difference of rates, which is no rate itself
        return f"{_percent(value)} points"
    if unit in RATES:
        return f"{_percent(value)} %"
    if unit in ("count", "rows"):
        return count(round(value))
    return significant(value)


def _percent(value: float) -> str:
    """
    >>> _percent(1.0), _percent(0.5), _percent(0.00012)
    ('100', '50.0', '0.0120')
    """
    return significant(100 * value)


def count(number: int | None) -> str:
    """
    >>> count(12345).replace(THIN, " ")
    '12 345'
    """
    return "not known" if number is None else f"{number:,}".replace(",", THIN)


def change(value: float | None, unit: str = "") -> str:
    """A change with its sign; of a rate in points, so that nobody reads per cent of per cent.

    >>> change(0.031, "rate"), change(-0.02), change(0.0)
    ('+3.10 points', '−0.0200', 'no change')
    >>> change(0.725, "ratio")
    '0.725 times the reference'
    """
    if value is None:
        return "not known"
    if value == 0:
        return "no change"
    if unit == "ratio":
        return f"{significant(value)} times the reference"
    sign = "+" if value > 0 else ""
    if unit in RATES:
        return f"{sign}{_percent(value)} points"
    return f"{sign}{figure(value, unit)}"


def part(value: float, largest: float, unit: str = "") -> str:
    """A part of a change without its unit, to the decimals that the largest of the parts is written with.

    >>> part(0.00018, 0.33, "rate"), part(-0.072, 0.33, "rate"), part(12.5, 300.0)
    ('0.0', '−7.2', '+12')
    """
    scale = 100 if unit in RATES else 1
    decimals = 2 - math.floor(math.log10(abs(largest * scale))) if largest else 0
    shown = f"{value * scale:+,.{min(max(decimals, 0), 6)}f}"
    return (shown if any(digit in shown for digit in "123456789") else shown[1:]).replace(",", THIN).replace("-", "−")


def span(low: float | None, high: float | None, unit: str = "") -> str:
    """An interval in words; that of a number of rows has no width.

    >>> span(0.71, 0.75), span(None, None), span(20.0, 20.0)
    ('0.710 to 0.750', 'no interval', 'exact')
    """
    if low is None or high is None:
        return "no interval"
    first = _percent(low) if unit == "points" else figure(low, unit)
    return "exact" if low == high else f"{first} to {figure(high, unit)}"


def window_words(label: str) -> str:
    """A window's label as a reader says it.

    >>> window_words("2026-10"), window_words("2006Q1"), window_words("2026-W03"), window_words("holiday")
    ('October 2026', 'Q1 2006', 'week 3 of 2026', 'holiday')
    """
    if found := _DAY.match(label):
        return f"{int(found[3])} {date(2000, int(found[2]), 1):%b} {found[1]}"
    if found := _MONTH.match(label):
        return f"{date(2000, int(found[2]), 1):%B} {found[1]}"
    if found := _QUARTER.match(label):
        return f"Q{found[2]} {found[1]}"
    if found := _WEEK.match(label):
        return f"week {int(found[2])} of {found[1]}"
    return "the reference" if label == "reference" else label


def window_short(label: str) -> str:
    """For an axis: `Oct 26`, `Q1 06`.

    >>> window_short("2026-10"), window_short("2006Q1"), window_short("2006")
    ('Oct 26', 'Q1 06', '2006')
    """
    if found := _MONTH.match(label):
        return f"{date(2000, int(found[2]), 1):%b} {found[1][2:]}"
    if found := _QUARTER.match(label):
        return f"Q{found[2]} {found[1][2:]}"
    return label
