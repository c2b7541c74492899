"""Words of the registry for failures of the data that raise no error anywhere."""

from __future__ import annotations

from plumbline.stats.metric import Metric

# fmt: off
OF_SILENCE = (
    Metric("silent_failures", "Number of silent failures", "count", "lower", 0.0, None, False, "Silent failures",
           "How many failures of the data a window has that raise no error anywhere.",
           "number of findings of the keys below; each is proven beyond chance and past the limits of the policy",
           "practice"),
    Metric("no_data", "No data", "share", "lower", 0.0, 1.0, False, "Silent failures",
           "A window, or a column in it, has no value where some were due.",
           "1 where none came; chance: of none, exp(-mean rows of the last three windows that have any); of a column, "
           "(missing share of the reference)^rows. A day whose weekday before was empty is none, nor a season so a "
           "year ago",
           "practice"),
    Metric("future_time", "Time in the future", "share", "lower", 0.0, 1.0, False, "Silent failures",
           "Rows of the run lie in the future, and were set aside.",
           "rows whose day is later than the day after the run's clock (UTC) / those and the rows counted; said of the "
           "run's newest window with rows, since a time that cannot be names none of its own",
           "practice"),
    Metric("duplicated_batch", "Duplicated batch", "share", "lower", 0.0, 1.0, False, "Silent failures",
           "A window holds the very counts of an earlier one.",
           "share of columns, the outcome left out, whose counts equal those of an earlier window of as many rows: 1; "
           "chance: of the most telling column, prod exp(-2c) I0(2c) over its counts c, given their total",
           "Skellam 1946 for the chance"),
    Metric("schema_change", "Schema change", "share", "lower", 0.0, 1.0, False, "Silent failures",
           "Known levels come in another spelling, or a column comes in other codes.",
           "rows with an unseen level that is a known one but for case, spaces or the writing of a number / rows with "
           "a value; or, where hardly a row has a known level, rows with unseen ones / rows with a value; chance as of "
           "unseen_rate",
           "practice; Good 1953 and Esty 1983 for the chance"),
    Metric("swapped_columns", "Swapped columns", "share", "lower", 0.0, 1.0, False, "Silent failures",
           "Two columns fit each other's reference, and not their own.",
           "1 - g' / g with g the gap of the column's distribution from its own reference (numbers: largest gap of the "
           "distribution functions at the reference's deciles; levels: total variation), g' from the other's; both "
           "columns fit the other's within Kolmogorov's critical value at 0.001 and the policy's slack",
           "Smirnov 1948 for the critical value"),
    Metric("unit_change", "Unit change", "", "", None, None, False, "Silent failures",
           "The column is the reference's in another unit.",
           "the factor c (of powers of ten, 60, 3600, 24, 7, 12, 365.25, or of two scales of temperature, where the "
           "shift between them is half a spread or more) with which "
           "the distribution function at c x the reference's deciles and largest value fits within Kolmogorov's "
           "critical value at 0.001 and the policy's slack; where fine bins cannot tell, mean and spread must agree "
           "as well",
           "Smirnov 1948 for the critical value"),
    Metric("frozen_column", "Frozen column", "share", "lower", 0.0, 1.0, False, "Silent failures",
           "Nearly all rows have one value, or the counts stand still from window to window.",
           "largest share of one value, level or narrow bin among rows with a value; 1 where counts equal those of the "
           "window before, in a population of as many rows in which they used to move; chance: Chernoff's bound by the "
           "reference's own largest share, or as for duplicated_batch",
           "Chernoff 1952; Skellam 1946"),
)
# fmt: on
