"""popmon's stability metrics of 30 columns by month against the reference's histograms. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import pandas
import popmon

NUMBERS = [f"num_{column:02d}" for column in range(20)]
WORDS = [f"cat_{column:02d}" for column in range(10)]


def main(folder: Path) -> None:
    columns = ["ts", *NUMBERS, *WORDS]
    reference = pandas.read_parquet(folder / "reference.parquet", columns=columns)
    current = pandas.concat(
        pandas.read_parquet(file, columns=columns) for file in sorted(folder.glob("current_*.parquet"))
    )
    features = [f"ts:{column}" for column in columns[1:]]
    bins = popmon.make_histograms(reference, features=features, time_axis="ts", time_width="4w")
    found = popmon.df_stability_metrics(current, time_axis="ts", reference_type="external", reference=bins)
    print(len(found["comparisons"]), "columns compared")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
