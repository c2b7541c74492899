"""NannyML's realised performance by month, of the windows whose labels are in. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import nannyml
import pandas

METRICS = ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy", "average_precision"]


def read(file: Path) -> pandas.DataFrame:
    frame = pandas.read_parquet(file, columns=["ts", "score", "label"])
    return frame.assign(decision=(frame["score"] >= 0.5).astype(int))


def main(folder: Path) -> None:
    windows = [read(file) for file in sorted(folder.glob("current_*.parquet"))]
    labelled = pandas.concat(window for window in windows if window["label"].notna().any())
    calculator = nannyml.PerformanceCalculator(
        metrics=METRICS,
        y_true="label",
        y_pred="decision",
        y_pred_proba="score",
        problem_type="classification_binary",
        timestamp_column_name="ts",
        chunk_period="M",
    )
    found = calculator.fit(read(folder / "reference.parquet")).calculate(labelled).filter(period="analysis").to_df()
    print(f"{len(found)} windows, {found.shape[1]} figures each")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
