"""Rows come from Parquet, CSV, folders, globs or a table; a sample is the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from plumbline.domain.errors import LogError, NotFound
from plumbline.explain.rows import open_rows, texts

FRAME = pd.DataFrame({"id": [f"r{i}" for i in range(10)], "term": [float(i) for i in range(10)]})


def test_the_same_rows_from_every_kind_of_source(tmp_path: Path) -> None:
    FRAME[:5].to_parquet(tmp_path / "a.parquet")
    FRAME[5:].to_parquet(tmp_path / "b.parquet")
    FRAME.to_csv(tmp_path / "all.csv", index=False)
    sources = [
        pa.table(FRAME),
        tmp_path / "all.csv",
        tmp_path / "*.parquet",
        [tmp_path / "a.parquet", tmp_path / "b.parquet"],
    ]
    read = [open_rows(source).sample(["id", "term"], 100, 7)[0].to_pylist() for source in sources]
    assert all(rows == FRAME.to_dict("records") for rows in read)


def test_a_sample_keeps_order_and_repeats() -> None:
    rows = open_rows(pa.table(FRAME))
    table, positions = rows.sample(["id"], 4, 7)
    assert positions == sorted(positions)
    assert table["id"].to_pylist() == [f"r{position}" for position in positions]
    assert rows.sample(["id"], 4, 7)[1] == positions


def test_chunks_are_all_rows_once() -> None:
    chunks = list(open_rows(pa.table(FRAME)).chunks(["id"], 3))
    assert [position for _, positions in chunks for position in positions] == list(range(10))


def test_a_missing_column_offers_the_nearest() -> None:
    with pytest.raises(LogError, match=r"'trem' is missing.*Did you mean 'term'"):
        open_rows(pa.table(FRAME)).sample(["trem"], 4, 7)


def test_a_wrong_separator_shows_the_one_column(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "rows.csv", sep=";", index=False)
    with pytest.raises(LogError, match="only column is 'id;term': is the separator a comma"):
        open_rows(tmp_path / "rows.csv").sample(["term"], 4, 7)


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "rows.parquet")
    whole = (tmp_path / "rows.parquet").read_bytes()
    (tmp_path / "rows.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LogError, match=r"rows\.parquet"):
        open_rows(tmp_path / "rows.parquet")


def test_no_rows_and_no_file() -> None:
    with pytest.raises(LogError, match="no row"):
        open_rows(pa.table(FRAME[:0])).sample(["term"], 4, 7)
    with pytest.raises(NotFound, match="gone"):
        open_rows(Path("gone/*.parquet"))


def test_values_as_text_and_missing_as_none() -> None:
    assert texts(pa.chunked_array([[1.5, float("nan"), None]])) == ("1.5", None, None)
    assert texts(pa.chunked_array([["farm", None]])) == ("farm", None)
