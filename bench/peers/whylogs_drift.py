"""whylogs profiles of the reference and 12 windows, and the drift between them. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import pandas
import whylogs
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

COLUMNS = [*(f"num_{column:02d}" for column in range(20)), *(f"cat_{column:02d}" for column in range(10))]


def main(folder: Path) -> None:
    files = [folder / "reference.parquet", *sorted(folder.glob("current_*.parquet"))]
    views = [whylogs.log(pandas.read_parquet(file, columns=COLUMNS)).view() for file in files]
    for view in views[1:]:
        scores = calculate_drift_scores(target_view=view, reference_view=views[0], with_thresholds=True)
        print(len(scores), "columns")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
