"""Columns whose drift NannyML's defaults flag, one line a period. Run: python FILE FOLDER.

Its default band is three standard deviations over the reference's chunks; a chunk has as many rows as a period.
"""

import json
import sys
from pathlib import Path

import nannyml
import pandas


def main(folder: Path) -> None:
    for trial in sorted(folder.iterdir()):
        reference, log = (pandas.read_parquet(trial / f"{name}.parquet") for name in ("reference", "log"))
        columns = [name for name in log.columns if name[:3] in ("num", "cat")]
        rows = len(log) // log["period"].nunique()
        calculator = nannyml.UnivariateDriftCalculator(column_names=columns, chunk_size=rows)
        found = calculator.fit(reference).calculate(log).filter(period="analysis").to_df()
        for _, alerts in found.xs("alert", axis=1, level=-1).iterrows():
            print(json.dumps([name for (name, _), alert in alerts.items() if alert]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
