"""Performance, fairness and intervals against vectors from sources not written here, read in place."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plumbline.stats import (
    calibration,
    calibration_tests,
    change,
    discrimination,
    distances,
    drift,
    estimation,
    fairness,
    grades,
    intervals,
    multiplicity,
)
from plumbline.stats.classification import Confusion, Confusions, share

Vector = Mapping[str, Any]
Pairs = dict[str, tuple[Any, Any]]  # name -> (ours, published)


def by_value(*samples: Any) -> list[Any]:
    """Counts by distinct value, ascending: no binning."""
    values = np.unique(np.concatenate(samples))
    return [np.bincount(np.searchsorted(values, x), minlength=len(values)) for x in samples]


def fisher(vector: Vector, _: Path) -> Pairs:
    tables = next(iter(vector["inputs"].values()))
    ours = [fairness.fisher_exact(a, a + b, c, c + d) for (a, b), (c, d) in tables]
    return {"p": (ours, vector["expected"]["p_values"])}


def z_test(vector: Vector, _: Path) -> Pairs:
    one, two_ = vector["inputs"]["reference"], vector["inputs"]["current"]
    p = intervals.two_proportions(sum(one), len(one), sum(two_), len(two_))
    return {"p": (p, vector["expected"]["p_value_rounded_3"])}


def compas(folder: Path, vector: Vector) -> pd.DataFrame:
    with gzip.open(folder / Path(vector["inputs"]["data"]), "rt", encoding="utf-8") as file:
        return pd.read_csv(file)


def compas_tables(vector: Vector, folder: Path) -> dict[str, Confusion]:
    frame, tables = compas(folder, vector), {}
    for attribute in ("race", "sex", "age_cat"):
        for name, rows in frame.groupby(attribute):
            hit, event = rows["score"] == 1, rows["label_value"] == 1
            cells = {"tp": hit & event, "fp": hit & ~event, "fn": ~hit & event, "tn": ~hit & ~event}
            tables[str(name)] = Confusion(**{key: int(value.sum()) for key, value in cells.items()})
    return tables


def aequitas_counts(vector: Vector, folder: Path) -> Pairs:
    tables = compas_tables(vector, folder)
    return {
        f"{name} {cell}": (getattr(tables[name], cell), expected[cell])
        for name, expected in vector["expected"].items()
        for cell in ("tp", "fp", "fn", "tn")
    }


RATES = {"fnr": "false_negative_rate", "fpr": "false_positive_rate", "precision": "precision", "tpr": "recall"}


def aequitas_ratios(vector: Vector, folder: Path) -> Pairs:
    tables, races = compas_tables(vector, folder), compas(folder, vector)["race"].unique()
    found: Pairs = {}
    for name, expected in vector["expected"].items():
        given = vector["parameters"]["reference"]
        against = tables[given["race"] if name in races else given["sex"] if name == "Female" else given["age_cat"]]
        mine = tables[name]
        for key, rate in RATES.items() | {"tnr": "specificity"}.items():
            found[f"{name} {key}"] = (getattr(mine, rate).value / getattr(against, rate).value, expected[key])
        ratio = fairness.impact_ratio(mine.tp + mine.fp, mine.n, against.tp + against.fp, against.n)
        found[f"{name} pprev"] = (ratio and ratio.value, expected["pprev"])
    return found


def four_fifths(vector: Vector, _: Path) -> Pairs:
    (n, k), (n_white, k_white) = vector["inputs"]["Black"], vector["inputs"]["White"]
    ratio = fairness.impact_ratio(k, n, k_white, n_white)
    return {"impact_ratio": (ratio and ratio.value, vector["expected"]["impact_ratio"])}


def metric_frame(vector: Vector, _: Path) -> Pairs:
    frame = pd.DataFrame({key: vector["inputs"][key] for key in ("y_true", "y_pred", "sensitive")})
    found: Pairs = {}
    for name, rows in frame.groupby("sensitive"):
        hit, event = rows["y_pred"] == 1, rows["y_true"] == 1
        table = Confusion(*(int(each.sum()) for each in (hit & event, hit & ~event, ~hit & event, ~hit & ~event)))
        selected = share(table.tp + table.fp, table.n)
        ours = {"tpr": table.recall, "fpr": table.false_positive_rate, "sel": selected}
        for key, rate in ours.items():
            found[f"{name} {key}"] = (rate and rate.value, vector["expected"]["by_group"][str(name)][key])
    return found


def local_law_144(vector: Vector, _: Path) -> Pairs:
    found: Pairs = {}
    for part in ("sex", "race"):
        rows = vector["inputs"][part]
        _, n_top, k_top = max(rows, key=lambda row: row[2] / row[1])
        for name, n, k in rows:
            ratio = fairness.impact_ratio(k, n, k_top, n_top)
            found[f"{name} ratio"] = (ratio and ratio.value, vector["expected"][f"{part}_impact_ratio"][name])
            found[f"{name} rate"] = (k / n, vector["expected"][f"{part}_rate"][name])
    return found


def adjusted(vector: Vector, _: Path) -> Pairs:
    p, expected = vector["inputs"]["p"], vector["expected"]
    bh = multiplicity.benjamini_hochberg(p)
    return {
        "bh": (bh.tolist(), expected["bh_adjusted"]),
        "holm": (multiplicity.holm(p).tolist(), expected["holm"]),
        "rejected": (int((bh <= vector["parameters"]["q"]).sum()), expected["n_rejected_bh"]),
    }


def wilson_one(vector: Vector, _: Path) -> Pairs:
    limits = intervals.wilson(vector["inputs"]["x"], vector["inputs"]["n"])
    return {"wilson": ([limits.low, limits.high], vector["expected"]["wilson"])}


def wilson_many(vector: Vector, _: Path) -> Pairs:
    limits = [intervals.wilson(x, n) for x, n in vector["inputs"]["x_n"]]
    return {"wilson": ([[each.low, each.high] for each in limits], vector["expected"]["wilson"])}


def newcombe(vector: Vector, _: Path) -> Pairs:
    limits = [intervals.newcombe(*each) for each in vector["inputs"]["x1_n1_x2_n2"]]
    return {"ci": ([[each.low, each.high] for each in limits], vector["expected"]["ci"])}


def binned_variable(vector: Vector, _: Path) -> Pairs:
    neg, pos = (np.asarray(vector["inputs"][key], dtype=float) for key in ("non_event", "event"))
    order = np.argsort(pos / (neg + pos))
    auc, gap = (each(neg[order], pos[order]) for each in (discrimination.roc_auc, discrimination.ks_separation))
    expected = vector["expected"]
    return {
        "iv": (drift.psi(neg, pos).value, expected["iv"]),
        "js": (distances.js_distance(neg, pos).value ** 2 * np.log(2), expected["js"]),
        "hellinger_h2": (distances.hellinger(neg, pos).value ** 2, expected["hellinger_h2"]),
        "gini": (auc and discrimination.gini(auc.value), expected["gini"]),
        "ks": (gap and gap.value, expected["ks"]),
    }


def proc(vector: Vector, folder: Path) -> Pairs:
    frame, found = pd.read_csv(folder / vector["inputs"]["data"]), {}
    for marker, expected in vector["expected"]["ci95"].items():
        cases = [frame.loc[frame["outcome"] == outcome, marker] for outcome in ("Good", "Poor")]
        auc = discrimination.roc_auc(*by_value(*cases), exact=True)
        assert auc is not None
        limits = intervals.around(auc.value, auc.variance, "normal")
        found[marker] = ([limits.low, auc.value, limits.high], expected)
    return found


def val_prob(vector: Vector, folder: Path) -> Pairs:
    frame, expected = pd.read_csv(folder / vector["inputs"]["data"]), vector["expected"]
    y, p = frame[vector["inputs"]["y"]], frame[vector["inputs"]["p"]]
    auc = discrimination.roc_auc(*by_value(p[y == 0], p[y == 1]), exact=True)
    squares = (p - y) ** 2
    brier = calibration.brier(squares.sum(), (squares**2).sum(), len(y))
    lean = float(calibration_tests.lean_variance(p).sum())
    z = calibration_tests.spiegelhalter(squares.sum() - (p * (1 - p)).sum(), lean)
    return {
        "auc": (auc and auc.value, expected["auc"]),
        "dxy_gini": (auc and discrimination.gini(auc.value), expected["dxy_gini"]),
        "brier": (brier and brier.value, expected["brier"]),
        "spiegelhalter_z": (z and z.statistic, expected["spiegelhalter_z"]),
        "spiegelhalter_p": (z and z.p_value, expected["spiegelhalter_p"]),
    }


def by_grade(test: Callable[[int, int, float], float]) -> Callable[[Vector, Path], Pairs]:
    def found(vector: Vector, _: Path) -> Pairs:
        grades = vector["inputs"]["grades"]
        rows = zip(grades["ratings"], grades["Dn"], grades["N"], grades["PD"], strict=True)
        return {name: (test(events, n, pd), vector["expected"][name]) for name, events, n, pd in rows}

    return found


def hosmer_lemeshow(vector: Vector, _: Path) -> Pairs:
    grades = vector["inputs"]["grades"]
    rows = np.asarray(grades["N"])
    found = calibration_tests.hosmer_lemeshow(rows, rows * np.asarray(grades["PD"]), grades["Dn"])
    return {"p": (found and found.p_value, vector["expected"]["p_value_df_k"])}


def sklearn_ap(vector: Vector, _: Path) -> Pairs:
    y, s = (np.asarray(vector["inputs"][key]) for key in ("y_true", "y_score"))
    table = by_value(s[y == 0], s[y == 1])
    ap, auc = discrimination.average_precision(*table, exact=True), discrimination.roc_auc(*table, exact=True)
    expected = vector["expected"]
    return {"ap": (ap and ap.value, expected["average_precision"]), "auc": (auc and auc.value, expected["roc_auc"])}


def sklearn_brier(vector: Vector, _: Path) -> Pairs:
    y, p = (np.asarray(vector["inputs"][key]) for key in ("y_true", "y_prob"))
    squares = (p - y) ** 2
    brier = calibration.brier(squares.sum(), (squares**2).sum(), len(y))
    return {"brier": (brier and brier.value, vector["expected"]["brier"])}


def sklearn_log_loss(vector: Vector, _: Path) -> Pairs:
    rows = vector["inputs"]["y_pred_[ham,spam]"]
    given = [row[name == "spam"] for row, name in zip(rows, vector["inputs"]["y_true"], strict=True)]
    losses = -np.log(given)
    loss = calibration.log_loss(losses.sum(), (losses**2).sum(), len(losses))
    return {"log_loss": (loss and loss.value, vector["expected"]["log_loss"])}


def cbpe(vector: Vector, folder: Path) -> Pairs:
    """Each chunk's probabilities are learnt from the reference; NannyML's decision is logged, no threshold of ours."""
    before, after = (pd.read_csv(folder / vector["inputs"][key]) for key in ("reference", "analysis"))
    scores = np.unique(pd.concat([before["y_pred_proba"], after["y_pred_proba"]]))
    at = np.searchsorted(scores, before["y_pred_proba"])
    negatives, positives = (np.bincount(at[before["repaid"] == each], minlength=len(scores)) for each in (0, 1))
    learnt = estimation.calibrate(np.arange(len(scores)), negatives, positives, scores)
    assert learnt is not None
    assert learnt.isotonic
    found: dict[str, list[float]] = {"roc_auc": [], "accuracy": [], "f1": []}
    for _, chunk in after.groupby(np.arange(len(after)) // vector["inputs"]["chunk_size"]):
        at = np.searchsorted(scores, chunk["y_pred_proba"])
        n, p, hit = np.bincount(at, minlength=len(scores)), learnt.rates[at], chunk["y_pred"] == 1
        area = discrimination.roc_auc(n * (1 - learnt.rates), n * learnt.rates, exact=True)
        cells = (p[hit].sum(), (1 - p)[hit].sum(), p[~hit].sum(), (1 - p)[~hit].sum())
        table = Confusions(*(np.array([cell]) for cell in cells))
        found["roc_auc"].append(area.value if area else np.nan)
        found["accuracy"].append(float(table.accuracy.value[0]))
        found["f1"].append(float(table.f1.value[0]))
    return {key: (ours, vector["expected"][key]) for key, ours in found.items()}


def nist_cusum(vector: Vector, _: Path) -> Pairs:
    given, rules, expected = vector["inputs"], vector["parameters"], vector["expected"]
    sums = change.cusum(given["x"], given["target"], slack=rules["k"], decision=rules["h"])
    return {
        "high": (sums.high, expected["S_hi"]),
        "low": (sums.low, expected["S_lo"]),
        "signal": (sums.signal, expected["first_signal_index_1_based"] - 1),
    }


def nist_ewma(vector: Vector, _: Path) -> Pairs:
    given, rules, expected = vector["inputs"], vector["parameters"], vector["expected"]
    chart = change.ewma(given["x"], given["target"], given["sigma"], smoothing=rules["lambda"], width=rules["k"])
    limits = ([chart.low, chart.high], [expected["lcl"], expected["ucl"]])
    return {"ewma": (chart.values, expected["ewma"]), "limits": limits}


def river(vector: Vector, folder: Path) -> Pairs:
    rules, stream = vector["parameters"], json.loads((folder / vector["inputs"]["data"]).read_text(encoding="utf-8"))
    x = stream if isinstance(stream, list) else next(iter(stream.values()))
    found = change.page_hinkley(
        x,
        delta=rules["delta"],
        threshold=rules["threshold"],
        least=rules["min_instances"],
        forgetting=rules["alpha"],
    )
    return {"alarms": ([(at, x[at]) for at in found], vector["expected"]["detections_index_value"])}


def traffic_light(vector: Vector, _: Path) -> Pairs:
    given, expected = vector["inputs"], vector["expected"]
    share, zone = grades.traffic_light(given["exceptions"], given["n"], given["p"])
    colours = ["green", "yellow", "red"]
    return {
        "cumulative": ((100 * share).tolist(), expected["cumulative_percent"]),
        "zones": ([colours.index(each) for each in zone], [colours.index(each) for each in expected["zones"]]),
    }


def binom_test(vector: Vector, _: Path) -> Pairs:
    """Its two one-sided p-values."""
    k, n, p = (vector["inputs"][key] for key in ("x", "n", "p0"))
    return {
        "greater": (calibration_tests.binomial(k, n, p), vector["expected"]["greater"]),
        "less": (1 - calibration_tests.binomial(k + 1, n, p), vector["expected"]["less"]),
    }


# Sources stand in the vectors and in the message of a failure; here is what each holds us to.
PRESENT: list[tuple[str, Callable[[Vector, Path], Pairs]]] = [
    ("drift_evidently_fisher_exact", fisher),  # Evidently's test suite: two-sided by minimum likelihood
    ("drift_evidently_ztest_binary", z_test),  # Evidently's test suite: pooled variance
    ("fairness_aequitas_compas_counts", aequitas_counts),  # Aequitas' COMPAS notebook, cell 23
    (
        "fairness_aequitas_compas_disparity",
        aequitas_ratios,
    ),  # same, cell 48: its ppr depends on group size and is not ours
    ("fairness_eeoc_four_fifths", four_fifths),  # EEOC, Uniform Guidelines Q&A (1979), no. 12
    ("fairness_fairlearn_metricframe", metric_frame),  # fairlearn's user guide
    ("fairness_nyc_ll144_selection_example", local_law_144),  # 6 RCNY 5-301(b), example tables
    ("intervals_basel_traffic_light_250", traffic_light),  # BCBS 22 (1996), table 2; capital factors are not ours
    ("intervals_r_binom_test", binom_test),  # R binom.test; its two-sided p and interval stand below
    ("intervals_bh1995", adjusted),  # Benjamini and Hochberg 1995, section 4.1; R's p.adjust
    ("intervals_desctools_binomci_100_200", wilson_one),  # R DescTools BinomCI
    ("intervals_newcombe1998_difference", newcombe),  # Newcombe 1998, method 10
    ("intervals_newcombe1998_single", wilson_many),  # Newcombe 1998, method 3
    ("performance_optbinning_mean_radius", binned_variable),  # optbinning's tutorial
    ("performance_proc_auc_ci", proc),  # pROC's test suite: the plain normal interval of DeLong
    ("performance_r_valprob_birthwt", val_prob),  # R rms val.prob
    ("performance_meliora_binomial_pd", by_grade(calibration_tests.binomial)),  # meliora, checked in R
    ("performance_meliora_jeffreys_pd", by_grade(calibration_tests.jeffreys)),  # meliora, checked in R
    ("performance_meliora_hosmer_lemeshow_grades", hosmer_lemeshow),  # PDtoolkit hl.test
    ("performance_nannyml_docs_cbpe_carloan", cbpe),  # NannyML's tutorial, cell 5
    ("change_nist_cusum", nist_cusum),  # NIST/SEMATECH e-Handbook 6.3.2.3
    ("change_nist_ewma", nist_ewma),  # same, 6.3.2.4
    ("change_river_page_hinkley", river),  # river's docstring
    ("performance_sklearn_ap_auc", sklearn_ap),  # scikit-learn's docstrings
    ("performance_sklearn_brier", sklearn_brier),
    ("performance_sklearn_log_loss", sklearn_log_loss),
]
# Of vectors that are held, what the product does not compute, and why.
VARIANTS = {
    "intervals_basel_traffic_light_250: plus_factor": "multiplies market-risk capital, which no model here sets",
    "intervals_basel_traffic_light_250: multiplier_2023": "the same multiplier in the rules of 2023",
    "intervals_r_binom_test: two_sided": "tests of a probability ask whether it was too low, as supervisors do",
    "intervals_r_binom_test: ci_two_sided": "Clopper and Pearson's hold more than they promise; rates have Wilson's",
}
LATER = {
    "fairness_aequitas_compas_parity_flags": "variant: a two-sided band, 0.8 to 1.25; our policy has its own limits",
    "performance_meliora_spiegelhalter_grade_level_DEFECT": "variant: grade averages with swapped arguments, a defect",
    "performance_proc_delong_paired": "variant: a paired test wants both models' scores of a row; a log has one, "
    "and windows are independent samples",
    "performance_sklearn_calibration_curve": "variant: right-closed bins, where ours hold their lower edge",
}


def test_every_vector_is_named(shared: Path) -> None:
    """A vector is held, or its absence has a reason: here or in test_drift; SHAP's stand in test_explanations."""
    named = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    vectors = [path.stem for path in sorted((shared / "oracle").glob("*.json")) if not path.stem.startswith("shap_")]
    assert len(vectors) > 45
    assert [name for name in vectors if name not in named] == []


@pytest.mark.parametrize(("name", "compute"), [pytest.param(*row, id=row[0]) for row in PRESENT])
def test_published(name: str, compute: Callable[[Vector, Path], Pairs], shared: Path) -> None:
    folder = shared / "oracle"
    vector = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    within = vector["tolerance"]
    pairs = compute(vector, folder)
    assert pairs
    for what, (ours, published) in pairs.items():
        assert np.asarray(ours, dtype=float) == pytest.approx(
            np.asarray(published, dtype=float), abs=within.get("abs", 0), rel=within.get("rel", 0)
        ), f"{vector['source']}: {what}"


def test_every_absence_has_a_reason() -> None:
    present = {name for name, _ in PRESENT}
    assert not set(LATER) & present
    assert {name.partition(": ")[0] for name in VARIANTS} <= present
    assert all(len(reason) > 20 for reason in (LATER | VARIANTS).values())
