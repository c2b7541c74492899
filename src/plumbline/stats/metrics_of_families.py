"""The figures that some families of models are read by: amounts and rates, value, credit, insurance, health."""

from __future__ import annotations

from plumbline.stats.metric import Metric

# fmt: off
OF_FAMILIES = (
    Metric("approval_rate", "Approval rate", "share", "", 0.0, 1.0, False, "Value",
           "Share of decisions that were favourable, read as a business figure.",
           "as selection_rate",
           "practice"),
    Metric("override_rate", "Override rate", "share", "lower", 0.0, 1.0, False, "Value",
           "Share of decisions that a person changed.",
           "overridden / rows that say",
           "practice"),
    Metric("rmse", "RMSE", "", "lower", 0.0, None, True, "Regression",
           "Typical size of an error, large ones weighing more.",
           "sqrt(mean (predicted - actual)^2)",
           "practice"),
    Metric("mae", "Mean absolute error", "", "lower", 0.0, None, True, "Regression",
           "Typical size of an error.",
           "mean |predicted - actual|",
           "practice"),
    Metric("mape", "Mean absolute percentage error", "share", "lower", 0.0, None, True, "Regression",
           "Typical size of an error relative to what happened.",
           "mean |(predicted - actual) / actual| over rows whose actual is not 0",
           "practice"),
    Metric("mean_error", "Mean error", "", "", None, None, True, "Regression",
           "Whether predictions are too high (above 0) or too low.",
           "mean (predicted - actual)",
           "practice"),
    Metric("r2", "R squared", "", "higher", None, 1.0, True, "Regression",
           "Share of the outcome's spread that predictions explain.",
           "1 - sum of squared errors / sum of squares about the mean",
           "Olkin and Finn 1995 for its spread"),
    Metric("actual_expected", "Actual / expected", "ratio", "", None, None, True, "Regression",
           "What happened for each unit predicted; 1 is exact.",
           "sum of actual / sum of predicted; limits by the delta method on row errors",
           "actuarial practice"),
)
# fmt: on
