"""Every figure the product computes: its name, range, direction, exact definition and source, in one table."""

from __future__ import annotations

from plumbline.stats.metric import Metric
from plumbline.stats.metrics_of_estimates import estimated
from plumbline.stats.metrics_of_families import OF_FAMILIES
from plumbline.stats.metrics_of_groups import OF_GROUPS
from plumbline.stats.metrics_of_silence import OF_SILENCE

# fmt: off
_ALL = (
    Metric("row_count", "Rows", "rows", "", 0.0, None, False, "Volume and quality",
           "How many rows the window has.",
           "Count of rows that passed the checks; quarantined rows are counted apart.",
           "count"),
    Metric("duplicate_rate", "Duplicate ids", "share", "lower", 0.0, 1.0, False, "Volume and quality",
           "Share of rows whose id had come before.",
           "rows set aside as duplicate id / (rows counted + rows set aside so); only where the model file names an id",
           "practice"),
    Metric("missing_rate", "Missing", "share", "lower", 0.0, 1.0, False, "Volume and quality",
           "Share of rows without a value in this column.",
           "missing / rows. A label that is not known yet is not missing.",
           "practice"),
    Metric("unseen_rate", "Unseen levels", "share", "lower", 0.0, 1.0, False, "Volume and quality",
           "Share of rows whose level the reference never had.",
           "rows with a level outside the reference / rows",
           "practice"),
    Metric("out_of_range_rate", "Out of range", "share", "lower", 0.0, 1.0, False, "Volume and quality",
           "Share of rows outside the smallest and largest value of the reference.",
           "(rows below + rows above) / rows",
           "practice"),
    Metric("non_finite_rate", "Not finite", "share", "lower", 0.0, 1.0, False, "Volume and quality",
           "Share of rows that hold infinity or not-a-number.",
           "non-finite / rows",
           "practice"),
    *OF_SILENCE,
    Metric("psi", "PSI", "", "lower", 0.0, None, False, "Drift",
           "How far the distribution has moved from the reference.",
           "sum (a - e) ln(a / e) over the reference's deciles (linear quantiles; a value equal to an edge belongs "
           "to the upper bin; outer bins open), missing a bin of its own where either side has any; an empty share "
           "is 1e-4, then shares are renormalised; natural logarithm; categories by level, levels pooled to an "
           "expected count of 5. Without drift about (bins - 1)(1/N + 1/M), and more by what the floor adds over half "
           "a row where chance alone (1 in 10,000 and up) may have emptied a bin.",
           "Industry practice; Yurdakul 2018 for its expectation without drift, Anscombe 1956 for empty bins"),
    Metric("ks", "KS drift", "", "lower", 0.0, 1.0, False, "Drift",
           "Largest gap between the two distributions.",
           "max |F_reference(x) - F_current(x)| on a fine grid; p is the asymptotic Kolmogorov tail; limits are "
           "Newcombe's of the shares at that place, the lower at 97.5 %, and 0 unless p is under 5 %.",
           "Kolmogorov 1933; Smirnov 1948"),
    Metric("wasserstein", "Wasserstein", "", "lower", 0.0, None, False, "Drift",
           "How far values have moved on average, in the column's own unit.",
           "integral of |F_reference(x) - F_current(x)|, from fine bins, least and greatest value and the exact means; "
           "the exact distance lies within error_bound",
           "Kantorovich 1942; Vallender 1974"),
    Metric("wasserstein_std", "Wasserstein / spread", "", "lower", 0.0, None, False, "Drift",
           "How far values have moved on average, in standard deviations of the reference.",
           "wasserstein / standard deviation of the reference (ddof 0)",
           "practice"),
    Metric("js_distance", "Jensen-Shannon", "", "lower", 0.0, 1.0, False, "Drift",
           "Distance between the two distributions, from 0 (same) to 1 (nothing in common).",
           "square root of the Jensen-Shannon divergence, base 2, on the bins of psi",
           "Lin 1991"),
    Metric("hellinger", "Hellinger", "", "lower", 0.0, 1.0, False, "Drift",
           "Distance between the two distributions, from 0 to 1.",
           "sqrt(1 - sum sqrt(p q)) on the bins of psi",
           "Hellinger 1909"),
    Metric("chi_square", "Chi-square", "", "lower", 0.0, None, False, "Drift",
           "Test statistic of whether both samples can come from one distribution.",
           "two-sample contingency statistic without continuity correction, bins pooled to an expected count of 5",
           "Pearson 1900"),
    Metric("total_variation", "Total variation", "", "lower", 0.0, 1.0, False, "Drift",
           "Share of rows that would have to change bin to make the distributions equal.",
           "sum |p - q| / 2 on the bins of psi",
           "Levin, Peres and Wilmer 2009"),
    Metric("l_infinity", "L-infinity", "", "lower", 0.0, 1.0, False, "Drift",
           "Largest change in the share of one bin.",
           "max |p - q| on the bins of psi",
           "practice"),
    Metric("drifted_share", "Drifted columns", "share", "lower", 0.0, 1.0, False, "Drift",
           "Share of the columns that the model reads that have drifted.",
           "columns whose psi is past a limit and shown real / columns whose psi can be judged, score and label left "
           "out; n is columns, not rows, and they are all there are, so there is no interval. What each column weighs "
           "in the model stands on the drift page",
           "practice"),
    Metric("domain_auc", "Domain-classifier AUC", "", "lower", 0.0, 1.0, False, "Drift",
           "How well rows of the window are told from rows of the reference by all features at once: one half is not "
           "at all. It sees what no single column shows.",
           "mean over 5 folds of the AUC, ties one half, of boosted trees trained on the other folds, by a seeded "
           "sample of domain_rows usable rows a side; features alone, each row once, whatever its weight; DeLong's "
           "variance of a fold times 1/5 + 1/4, since folds learn from each other, limits on the logit scale; p is "
           "one-sided against one half. Only where the model file says domain_rows; made of rows, so it does not merge",
           "Lopez-Paz and Oquab 2017; LeDell, Petersen and van der Laan 2015; Nadeau and Bengio 2003"),
    Metric("mean_score", "Mean score", "", "", None, None, False, "Scores and outcomes",
           "What the model predicts on average.",
           "sum of scores / rows",
           "practice"),
    Metric("base_rate", "Event rate", "share", "", 0.0, 1.0, True, "Scores and outcomes",
           "Share of labelled rows in which the event came.",
           "label = 1 / labelled rows",
           "practice"),
    Metric("roc_auc", "AUC", "", "higher", 0.0, 1.0, True, "Ranking",
           "Chance that a row with the event scores above a row without it.",
           "area under the ROC curve, ties one half; DeLong variance, limits on the logit scale. Several classes: each "
           "against the rest, and the plain mean of them (macro)",
           "Hanley and McNeil 1982; DeLong, DeLong and Clarke-Pearson 1988"),
    Metric("weighted_roc_auc", "AUC, weighted", "", "higher", 0.0, 1.0, True, "Ranking",
           "Chance that a row of a class scores above a row of another, averaged over classes by how often each comes.",
           "mean over classes of one against the rest, each by the rows that it came in; DeLong by class, taken as "
           "dependent",
           "Hand and Till 2001 on averages over classes; DeLong, DeLong and Clarke-Pearson 1988"),
    Metric("gini", "Gini", "", "higher", -1.0, 1.0, True, "Ranking",
           "Ranking on a scale where 0 is chance and 1 is perfect.",
           "2 AUC - 1",
           "Somers 1962; accuracy ratio, Basel WP14"),
    Metric("ks_separation", "KS separation", "", "higher", 0.0, 1.0, True, "Ranking",
           "Largest gap between the scores of the two outcomes.",
           "max |F_event(s) - F_no event(s)|; limits as of ks",
           "practice"),
    Metric("average_precision", "Average precision", "", "higher", 0.0, 1.0, True, "Ranking",
           "Precision averaged over recall.",
           "sum (R_k - R_(k-1)) P_k, no interpolation, as scikit-learn; limits on the logit scale, the lower at "
           "97.5 %, variance by the delta method over rows",
           "Boyd, Eng and Page 2013"),
    Metric("log_loss", "Log loss", "", "lower", 0.0, None, True, "Calibration",
           "Penalty for confident mistakes.",
           "mean of -ln(probability given to what happened)",
           "Good 1952"),
    Metric("brier_score", "Brier score", "", "lower", 0.0, 1.0, True, "Calibration",
           "Mean squared distance between probability and outcome.",
           "mean of (p - y)^2, the half scale; several classes: summed over classes",
           "Brier 1950"),
    Metric("ece", "Calibration error", "", "lower", 0.0, 1.0, True, "Calibration",
           "How far predicted probabilities are from what happened, on average.",
           "sum over ten equal-width bins of n_b / n |mean score - event rate|",
           "Naeini, Cooper and Hauskrecht 2015"),
    Metric("observed_expected", "Observed / expected", "ratio", "", 0.0, None, True, "Calibration",
           "Events that came for each event predicted; 1 is exact.",
           "events / sum of probabilities; tested against 1 with each row's own variance p (1 - p)",
           "practice"),
    Metric("calibration_slope", "Calibration slope", "", "", None, None, True, "Calibration",
           "Whether scores are spread as far as outcomes are: 1 is exact, under 1 they are too extreme.",
           "b of P(event) = 1 / (1 + exp(-(a + b z))) by maximum likelihood, z = ln(p / (1 - p)), p held to [eps, 1 - "
           "eps] with eps = 2.2e-16; all rows with a label; the exact slope lies within error_bound",
           "Cox 1958; Van Calster and others 2019"),
    Metric("calibration_intercept", "Calibration intercept", "", "", None, None, True, "Calibration",
           "Whether scores are too low (above 0) or too high where they say one half.",
           "a of the same fit as calibration_slope",
           "Cox 1958; Van Calster and others 2019"),
    Metric("hosmer_lemeshow", "Hosmer-Lemeshow", "", "lower", 0.0, None, True, "Calibration",
           "How far events by band of score are from what was predicted, in units of chance. With very many rows it "
           "rejects trifles.",
           "sum over ten equal-width bands of (O - E)^2 / (E (1 - E / n)); chi-square with as many degrees as bands "
           "hold rows, since nothing is fitted on them",
           "Hosmer and Lemeshow 1980; BCBS working paper 14, 2005"),
    Metric("spiegelhalter_z", "Spiegelhalter z", "", "", None, None, True, "Calibration",
           "Whether the Brier score is what right probabilities would give: beyond 2 either way they are not right.",
           "sum of (y - p)(1 - 2p) / root of the sum of (1 - 2p)^2 p (1 - p), by row; the variance from score bins, "
           "the exact z lies within error_bound",
           "Spiegelhalter 1986"),
    Metric("jeffreys", "Jeffreys test (p)", "", "higher", 0.0, 1.0, True, "Calibration",
           "How well the outcomes agree with a prediction that is not too low; near 0 it is too low.",
           "lower tail of Beta(events + 1/2, rows - events + 1/2) at the mean probability",
           "ECB, validation reporting instructions, 2019, 2.5.3.1"),
    Metric("binomial", "Binomial test (p)", "", "higher", 0.0, 1.0, True, "Calibration",
           "Chance of as many events or more if the mean probability were right; outcomes are taken to be independent.",
           "P(X >= events), X binomial with the rows and the mean probability",
           "BCBS working paper 14, 2005"),
    Metric("concept_shift", "Concept shift", "share", "lower", 0.0, 1.0, True, "Calibration",
           "How far the event rate has moved at equal score, up or down; effect is its signed mean.",
           "sum over deciles of the reference's score of the share of rows |event rate - the reference's at these very "
           "scores|, deciles pooled to 5 expected of either outcome; chi-square over them. A base rate that the scores "
           "foretell is no shift.",
           "direct standardisation, Breslow and Day 1987; Moreno-Torres and others 2012 for the term"),
    Metric("accuracy", "Accuracy", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Share of decisions that were right.",
           "(tp + tn) / rows with decision and label",
           "practice"),
    Metric("balanced_accuracy", "Balanced accuracy", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Mean of recall and specificity.",
           "(tp / (tp + fn) + tn / (tn + fp)) / 2",
           "Brodersen 2010"),
    Metric("precision", "Precision", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Share of alerts that were right.",
           "tp / (tp + fp). Several classes: each against the others, and the plain mean of them (macro); none where a "
           "class was never chosen",
           "practice"),
    Metric("weighted_precision", "Precision, weighted", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Share of the rows of a class chosen that were right, averaged over classes by how often each comes.",
           "mean over classes of precision, each by the rows that it came in",
           "Takahashi and others 2022 for its variance"),
    Metric("recall", "Recall", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Share of events that were caught.",
           "tp / (tp + fn). Several classes: each against the others, and the plain mean of them (macro, also called "
           "balanced accuracy); weighted by the rows that came it would be the accuracy",
           "practice"),
    Metric("specificity", "Specificity", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Share of non-events that were let pass.",
           "tn / (tn + fp)",
           "practice"),
    Metric("f1", "F1", "share", "higher", 0.0, 1.0, True, "Decisions",
           "One figure for precision and recall.",
           "2 tp / (2 tp + fp + fn). Several classes: each against the others, and the plain mean of them (macro)",
           "van Rijsbergen 1979; Takahashi and others 2022 for the variance of the mean"),
    Metric("weighted_f1", "F1, weighted", "share", "higher", 0.0, 1.0, True, "Decisions",
           "One figure for precision and recall, averaged over classes by how often each comes.",
           "mean over classes of f1, each by the rows that it came in",
           "Takahashi and others 2022 for its variance"),
    Metric("mcc", "Matthews correlation", "", "higher", -1.0, 1.0, True, "Decisions",
           "Correlation of decision and outcome: 1 always right, 0 as good as chance, -1 always wrong.",
           "(tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn)); limits on Fisher's scale, "
           "half a row more in each cell. Several classes: Gorodkin's R_K, two rows more in all",
           "Matthews 1975; Bishop, Fienberg and Holland 1975 for its variance; Gorodkin 2004 for several classes"),
    Metric("true_positive_rate", "True positive rate", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Share of events that were caught.",
           "recall",
           "practice"),
    Metric("true_negative_rate", "True negative rate", "share", "higher", 0.0, 1.0, True, "Decisions",
           "Share of non-events that were let pass.",
           "specificity",
           "practice"),
    Metric("false_positive_rate", "False positive rate", "share", "lower", 0.0, 1.0, True, "Decisions",
           "Share of non-events that raised an alert.",
           "fp / (fp + tn)",
           "practice"),
    Metric("false_negative_rate", "False negative rate", "share", "lower", 0.0, 1.0, True, "Decisions",
           "Share of events that were missed.",
           "fn / (fn + tp)",
           "practice"),
    Metric("selection_rate", "Selection rate", "share", "", 0.0, 1.0, False, "Decisions",
           "Share of decisions that were favourable.",
           "rows with the favourable decision / rows decided",
           "29 CFR 1607.4"),
    *OF_GROUPS,
    *OF_FAMILIES,
)
# fmt: on

METRICS: dict[str, Metric] = {metric.key: metric for metric in (*_ALL, *estimated(_ALL))}

HEADING = """# Metrics
Made from the registry by `python -m plumbline.stats.registry`; a test holds it fresh. Which values are amber or
red, and from how many rows, stands in the policy (`data/policy/thresholds.toml`), never here. Every figure has an
interval, the rows behind it and the share of labels in; `effect` is current minus reference (ratios: divided by).
"""


def as_markdown() -> str:
    """The registry as docs/metrics.md.

    >>> "| `psi` |" in as_markdown()
    True
    """
    lines = [HEADING]
    for group in dict.fromkeys(metric.group for metric in METRICS.values()):
        lines += [
            f"## {group}",
            "| key | what it says | definition | range | better | source |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(metric) for metric in METRICS.values() if metric.group == group]
        lines.append("")
    return "\n".join(lines)


def _row(metric: Metric) -> str:
    bounds = f"{_bound(metric.low, '-inf')} to {_bound(metric.high, 'inf')}"
    cells = (f"`{metric.key}`", metric.meaning, metric.definition, bounds, metric.direction or "neither", metric.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _bound(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:g}"


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown())
