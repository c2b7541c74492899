"""The figures that some families of models are read by: amounts and rates, value, credit, insurance, health."""

from __future__ import annotations

from plumbline.stats.metric import Metric

# fmt: off
OF_FAMILIES = (
    Metric("business_value", "Value by row", "", "higher", None, None, True, "Value",
           "What a decision was worth on average, in the unit of the model file's values.",
           "sum over decision and outcome of rows x value / rows with decision and label; limits: Wilson's of each "
           "share but the commonest, squared and added with their correlations",
           "Elkan 2001; Zou, Huang and Zhang 2009"),
    Metric("business_value_total", "Value in all", "", "higher", None, None, True, "Value",
           "What all decisions whose outcome is known were worth together.",
           "business_value x rows with decision and label, its limits likewise; not tested, for windows differ in size",
           "Elkan 2001"),
    Metric("net_benefit", "Net benefit", "", "higher", None, 1.0, True, "Value",
           "True alerts less false ones by row, at the exchange rate of the threshold; under 0 it were better to alert "
           "nobody.",
           "(tp - fp t / (1 - t)) / rows with decision and label, t the threshold; limits as of business_value",
           "Vickers and Elkin 2006"),
    Metric("sensitivity_at_fixed_specificity", "Sensitivity at 90 % specificity", "share", "higher", 0.0, 1.0, True,
           "Ranking",
           "Share of events caught if 90 of 100 rows without the event may pass.",
           "height of the window's own ROC curve where 10 % of the others are false alarms, straight between bins; "
           "limits: Wilson's, squared and added with the curve between Wilson's limits of the specificity",
           "Linnet 1987; Pepe 2003"),
    Metric("rank_order_breaks", "Breaks of rank order", "count", "lower", 0.0, None, True, "Ranking",
           "Neighbouring bands of the score in which the event rate falls though risk should rise, beyond chance.",
           "pairs of neighbouring bands (ten of equal width, reference deciles for points; each with its followers "
           "until 100 rows) with rates that fall by a one-sided z test, Holm's correction; the upper limit counts all",
           "BCBS working paper 14, 2005; Holm 1979"),
    Metric("traffic_light", "Bands in the red zone", "count", "lower", 0.0, None, True, "Calibration",
           "Bands of the score in which more events came than all but one in 10,000 such bands would see.",
           "bands of equal width with P(X < events) of 99.99 % or more, X binomial with the band's rows and mean "
           "probability; the upper limit counts those from 95 % on",
           "BCBS 22, 1996; Tasche 2003"),
    Metric("approval_rate", "Approval rate", "share", "", 0.0, 1.0, False, "Value",
           "Share of decisions that were favourable, read as a business figure.",
           "as selection_rate",
           "practice"),
    Metric("override_rate", "Override rate", "share", "lower", 0.0, 1.0, False, "Value",
           "Share of decisions that a person changed.",
           "overridden / rows that say",
           "practice"),
    Metric("divergence", "Divergence from the proxy", "proportion", "lower", None, None, False, "Value",
           "How much a counter-figure has worsened while the figure that the model is steered by holds: the wrong "
           "target.",
           "worsening of the counter-figure / its reference, by cohort; proxy: the house's own with that role, else "
           "roc_auc, actual_expected, rmse or accuracy; Holm over cohorts, limits test-based",
           "Goodhart 1975; Miettinen 1976"),
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
    Metric("gini_lorenz", "Gini (Lorenz)", "", "higher", -1.0, 1.0, True, "Regression",
           "How well predictions put amounts in order: 0 not at all; 1 would be all of it in the last row.",
           "1 - 2 x area under the Lorenz curve of outcomes, rows by rising prediction in the reference's deciles, "
           "straight within one: the exact one lies within error_bound; outcomes of 0 or more; limits by the delta "
           "method on Fisher's scale",
           "Lorenz 1905; Frees, Meyers and Cummings 2011"),
    Metric("poisson_deviance", "Poisson deviance", "", "lower", 0.0, None, True, "Regression",
           "Penalty for predicted counts or rates that are off, each in proportion to what was predicted.",
           "mean of 2 (y ln(y / mu) - (y - mu)), y ln y = 0 at 0; outcomes of 0 or more, predictions above 0",
           "McCullagh and Nelder 1989; as scikit-learn's mean_poisson_deviance"),
)
# fmt: on
