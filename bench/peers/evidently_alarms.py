"""Columns that Evidently's drift preset flags, one line a period. Run: python FILE FOLDER."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def data(frame: pandas.DataFrame) -> Dataset:
    names = list(frame.columns)
    numbers, words = ([name for name in names if name.startswith(kind)] for kind in ("num", "cat"))
    return Dataset.from_pandas(frame, DataDefinition(numerical_columns=numbers, categorical_columns=words))


def drifted(metrics: list[dict]) -> Iterator[str]:
    """A p-value alarms under its threshold, a distance from its threshold on."""
    for metric in metrics:
        told = metric["config"]
        if "threshold" in told:
            below = "p_value" in told["method"]
            value, limit = float(metric["value"]), told["threshold"]
            if value < limit if below else value >= limit:
                yield told["column"]


def main(folder: Path) -> None:
    for trial in sorted(folder.iterdir()):
        reference, log = (pandas.read_parquet(trial / f"{name}.parquet") for name in ("reference", "log"))
        columns = [name for name in log.columns if name[:3] in ("num", "cat")]
        for _, window in log.groupby("period"):
            found = Report([DataDriftPreset()]).run(data(window[columns]), data(reference[columns])).dict()
            flagged = list(drifted(found["metrics"]))
            assert len(flagged) == found["metrics"][0]["value"]["count"], found
            print(json.dumps(flagged), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
