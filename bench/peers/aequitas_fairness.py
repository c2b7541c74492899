"""Aequitas' group rates and disparities by sex and age, of the windows whose labels are in. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import pandas
from aequitas.bias import Bias
from aequitas.group import Group


def main(folder: Path) -> None:
    for file in sorted(folder.glob("current_*.parquet")):
        frame = pandas.read_parquet(file, columns=["score", "label", "sex", "age_band"])
        if frame["label"].notna().any():
            rows = pandas.DataFrame(
                {
                    "score": (frame["score"] >= 0.5).astype(int),
                    "label_value": frame["label"].astype(int),
                    "sex_age": frame["sex"].astype(str) + "*" + frame["age_band"].astype(str),
                }
            )
            table, _ = Group().get_crosstabs(rows, attr_cols=["sex_age"])
            found = Bias().get_disparity_major_group(table, original_df=rows)
            print(file.name, found.shape)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
