"""SHAP values against published vectors: shap's own tests and notebooks, and Lundberg, Erion and Lee (2018)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from plumbline.explain.artefacts import load
from plumbline.explain.attributions import Attributions, attribute

# shap, notebooks/tabular_examples/tree_based_models/Understanding Tree SHAP for Simple Models: 25 rows of each cell.
CELLS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def vector(shared: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((shared / "oracle" / f"shap_shap_{name}.json").read_text())
    return content


def explained(model: Any, rows: pd.DataFrame, folder: Path, background: pd.DataFrame | None = None) -> Attributions:
    import skops.io  # only here: it looks through all that is imported, seconds in a process that collects all tests

    skops.io.dump(model, folder / "model.skops")
    return attribute(load(folder / "model.skops"), rows, background)


@pytest.mark.parametrize("name", ["and", "xor"])
def test_tree_on_two_switches(name: str, shared: Path, tmp_path: Path) -> None:
    published = vector(shared, f"tree_{name}")
    columns = ["x0", "x1", "x2", "x3"]
    data = pd.DataFrame([(*cell, 0, 0) for cell in CELLS for _ in range(25)], columns=columns)
    outcome = data["x0"] & data["x1"] if name == "and" else data["x0"] ^ data["x1"]
    model = DecisionTreeRegressor(max_depth=2).fit(data, outcome.astype(float))
    rows = pd.DataFrame(published["inputs"]["explain"], columns=columns)
    found = explained(model, rows, tmp_path)
    expected = published["expected"]
    within = published["tolerance"]["abs"]
    assert found.values[0] == pytest.approx(expected["x1111"], abs=within)
    assert found.values[1] == pytest.approx(expected["x0000"], abs=within)
    assert found.base == pytest.approx([expected["expected_value"]] * 2, abs=within)


@pytest.mark.parametrize("name", ["A", "B"])
def test_paper_figure_one_is_consistent(name: str, shared: Path, tmp_path: Path) -> None:
    published = vector(shared, "paper_fig1")
    data = pd.DataFrame(CELLS, columns=published["inputs"]["features"])
    outcome = 80.0 * data["fever"] * data["cough"] + (10.0 * data["cough"] if name == "B" else 0.0)
    model = DecisionTreeRegressor(max_depth=2).fit(data, outcome)
    found = explained(model, data.tail(1), tmp_path)
    within = published["tolerance"]["abs"]
    assert found.values[0] == pytest.approx(published["expected"][name], abs=within)
    assert found.base[0] == pytest.approx(published["expected"][f"base_{name}"], abs=within)


def test_linear_closed_form(shared: Path, tmp_path: Path) -> None:
    published = vector(shared, "linear_closed_form")
    data = pd.DataFrame(np.load(shared / "oracle" / "data" / "shap_linear_many.npz")["X"], columns=["a", "b"])
    coefficients = published["inputs"]["coef"]
    model = LinearRegression().fit(data, data.to_numpy() @ np.asarray(coefficients, dtype=float))
    found = explained(model, data.head(3), tmp_path, data)
    expected = np.asarray(published["expected"]["first3_rows"])
    assert found.values == pytest.approx(expected, abs=published["tolerance"]["abs"])
