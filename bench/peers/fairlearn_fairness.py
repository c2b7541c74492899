"""Fairlearn's metrics by sex and age of one window of the labelled ones. Run: python FILE FOLDER.

One window only: the ten take it a quarter of an hour.
"""

import sys
from pathlib import Path

import pandas
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate

METRICS = {"selected": selection_rate, "tpr": true_positive_rate, "fpr": false_positive_rate}


def main(folder: Path) -> None:
    frame = pandas.read_parquet(folder / "current_01.parquet", columns=["score", "label", "sex", "age_band"])
    found = MetricFrame(
        metrics=METRICS,
        y_true=frame["label"].astype(int).to_numpy(),
        y_pred=(frame["score"] >= 0.5).astype(int).to_numpy(),
        sensitive_features=frame[["sex", "age_band"]],
    )
    print(found.by_group.shape, found.ratio().to_dict())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
