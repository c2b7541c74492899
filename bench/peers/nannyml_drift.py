"""NannyML's drift of 30 columns by month: KS for numbers, chi-square for categories. Run: python FILE FOLDER."""

import sys
from pathlib import Path

import nannyml
import pandas

NUMBERS = [f"num_{column:02d}" for column in range(20)]
WORDS = [f"cat_{column:02d}" for column in range(10)]


def main(folder: Path) -> None:
    columns = ["ts", *NUMBERS, *WORDS]
    reference = pandas.read_parquet(folder / "reference.parquet", columns=columns)
    current = pandas.concat(
        pandas.read_parquet(file, columns=columns) for file in sorted(folder.glob("current_*.parquet"))
    )
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=[*NUMBERS, *WORDS],
        timestamp_column_name="ts",
        continuous_methods=["kolmogorov_smirnov"],
        categorical_methods=["chi2"],
        chunk_period="M",
    )
    found = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
    print(f"{len(found)} windows, {found.shape[1]} figures each")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
