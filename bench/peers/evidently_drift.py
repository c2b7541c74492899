"""Evidently's drift preset of 30 columns, each window against the reference. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

NUMBERS = [f"num_{column:02d}" for column in range(20)]
WORDS = [f"cat_{column:02d}" for column in range(10)]
DEFINITION = DataDefinition(numerical_columns=NUMBERS, categorical_columns=WORDS)


def read(file: Path) -> Dataset:
    return Dataset.from_pandas(pandas.read_parquet(file, columns=[*NUMBERS, *WORDS]), data_definition=DEFINITION)


def main(folder: Path) -> None:
    reference = read(folder / "reference.parquet")
    for file in sorted(folder.glob("current_*.parquet")):
        found = Report([DataDriftPreset()]).run(read(file), reference).dict()
        print(file.name, len(found["metrics"]), "figures")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
