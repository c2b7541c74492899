"""popmon's stability figures of 30 columns by month, 12 windows. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import pandas
import popmon

COLUMNS = [*(f"num_{column:02d}" for column in range(20)), *(f"cat_{column:02d}" for column in range(10))]


def main(folder: Path) -> None:
    files = sorted(folder.glob("current_*.parquet"))
    rows = pandas.concat(pandas.read_parquet(file, columns=["ts", *COLUMNS]) for file in files)
    found = popmon.df_stability_metrics(
        rows, time_axis="ts", time_width="30d", features=[f"ts:{name}" for name in COLUMNS], reference_type="self"
    )
    print(sorted(found)[:5])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
