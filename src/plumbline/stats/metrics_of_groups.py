"""The figures that hold one group of people against another."""

from __future__ import annotations

from plumbline.stats.metric import Metric

# fmt: off
OF_GROUPS = (
    Metric("impact_ratio", "Impact ratio", "ratio", "", 0.0, None, False, "Groups",
           "Favourable rate of a group over that of the reference group.",
           "(favoured / decided) / (same of the reference group); limits on the log scale, the wider of Katz's and "
           "Wilson's squared and added; test: two proportions, Fisher's exact where an expected count is under 5",
           "29 CFR 1607.4(D); Katz 1978; Donner and Zou 2012"),
    Metric("selection_rate_difference", "Difference of rates", "share", "", -1.0, 1.0, False, "Groups",
           "Favourable rate of a group less that of the reference group.",
           "difference of the two rates, Newcombe's limits",
           "Newcombe 1998"),
    Metric("equal_opportunity_difference", "Difference of true positive rates", "share", "", -1.0, 1.0, True, "Groups",
           "Share of events caught in a group less that of the reference group.",
           "true positive rate of the group less that of the reference group, Newcombe's limits; test of impact_ratio",
           "Hardt, Price and Srebro 2016; Newcombe 1998"),
    Metric("equalized_odds_difference", "Widest difference of error rates", "share", "lower", 0.0, 1.0, True, "Groups",
           "The larger of two gaps to the reference group: in events caught, and in false alarms.",
           "max(|difference of true positive rates|, |difference of false positive rates|); limits are the further "
           "ones of Newcombe's (lower ones at 97.5 %); twice the smaller p-value; rows are those of the thinner rate",
           "Hardt, Price and Srebro 2016; as fairlearn"),
    Metric("predictive_parity_difference", "Difference of precisions", "share", "", -1.0, 1.0, True, "Groups",
           "Share of alerts that were right in a group less that of the reference group.",
           "precision of the group less that of the reference group, Newcombe's limits; test of impact_ratio",
           "Chouldechova 2017; Newcombe 1998"),
    Metric("calibration_gap", "Calibration between groups", "ratio", "", 0.0, None, True, "Groups",
           "Whether the same probability means as many events in a group as in the reference group; 1 is equal.",
           "(observed / expected events of the group) / (same of the reference group); limits on the log scale, "
           "predictions taken as given; z test of the logarithm",
           "Kleinberg, Mullainathan and Raghavan 2017; Katz 1978"),
)
# fmt: on
