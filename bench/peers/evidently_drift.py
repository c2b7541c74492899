"""Evidently's drift of 30 columns of one window, its own choice of tests. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

NUMBERS = [f"num_{column:02d}" for column in range(20)]
WORDS = [f"cat_{column:02d}" for column in range(10)]


def main(folder: Path) -> None:
    definition = DataDefinition(numerical_columns=NUMBERS, categorical_columns=WORDS)
    reference, current = (
        Dataset.from_pandas(pandas.read_parquet(folder / name, columns=NUMBERS + WORDS), data_definition=definition)
        for name in ("reference.parquet", "current_09.parquet")
    )
    found = Report([DataDriftPreset()]).run(current, reference).dict()
    print(len(found["metrics"]), "figures")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
