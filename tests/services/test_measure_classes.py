"""Figures of several classes from logs counted for real, against scikit-learn's."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, matthews_corrcoef, precision_recall_fscore_support, roc_auc_score
from tests.services.test_measure_tasks import find, measured, spec

from plumbline.domain.log_spec import Task


def test_several_classes(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    given = rng.dirichlet([1, 1, 1], 3000)
    frame = pd.DataFrame(given, columns=["p_a", "p_b", "p_c"])
    frame["label"] = [rng.choice(list("abc"), p=row) for row in given]
    classes = {"a": "p_a", "b": "p_b", "c": "p_c"}
    found = measured(frame, spec(Task.MULTICLASS, score=classes, label="label"), tmp_path)
    late, scores = frame.iloc[1500:], given[1500:]
    hits = np.array(list("abc"))[scores.argmax(1)] == late["label"].to_numpy()
    assert find(found, "accuracy").estimate == pytest.approx(hits.mean())
    assert find(found, "log_loss").estimate == pytest.approx(log_loss(late["label"], scores), abs=1e-6)
    by_score = partial(roc_auc_score, late["label"], scores, multi_class="ovr")
    assert find(found, "roc_auc").estimate == pytest.approx(by_score(average="macro"), abs=1e-3)
    assert find(found, "weighted_roc_auc").estimate == pytest.approx(by_score(average="weighted"), abs=1e-3)
    rates = partial(precision_recall_fscore_support, late["label"], np.array(list("abc"))[scores.argmax(1)])
    names = ("precision", "recall", "f1")
    for key, exact in zip(names, rates(average="macro"), strict=False):
        assert find(found, key).estimate == pytest.approx(exact)
    for key, exact in zip(("precision", "recall", "f1"), rates(average="weighted"), strict=False):
        assert find(found, "accuracy" if key == "recall" else f"weighted_{key}").estimate == pytest.approx(exact)
    assert find(found, "mcc").estimate == pytest.approx(matthews_corrcoef(late["label"], rates.args[1]))
    for key, exact in zip(names, rates(), strict=False):
        of = {each.column: each for each in found if each.metric == key and each.column}
        assert [of[f"score[{name}]"].estimate for name in "abc"] == pytest.approx(exact)
        assert all((each.low or 1) < (each.estimate or 0) < (each.high or 0) for each in of.values())


def test_a_class_that_is_never_chosen_has_no_precision(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"p_a": rng.uniform(0.5, 0.8, 3000)})
    frame["p_b"] = frame["p_c"] = (1 - frame["p_a"]) / 2
    frame["label"] = rng.choice(list("abc"), 3000)
    found = measured(frame, spec(Task.MULTICLASS, score={each: f"p_{each}" for each in "abc"}, label="label"), tmp_path)
    for key in ("precision", "weighted_precision"):
        assert find(found, key).estimate is None
        assert "never chosen" in find(found, key).why_not
    assert find(found, "recall").estimate == pytest.approx(1 / 3)
    assert find(found, "mcc").estimate is None
    alone = next(each for each in found if (each.metric, each.column) == ("precision", "score[b]"))
    assert (alone.estimate, alone.why_not) == (None, "No labelled row had this class chosen.")
