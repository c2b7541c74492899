"""Prediction logs of the public data sets: what each still lacks to be one, and what stands for its reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ECONOMY = ("emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed")
NUMBERS = ["age", "campaign", "previous", *ECONOMY]
WORDS = ["job", "marital", "education", "default", "housing", "loan", "contact", "poutcome"]
CRISIS = "2008-10"  # the bank's first month after Lehman Brothers


@dataclass(frozen=True, slots=True)
class Log:
    """Files to monitor; without a reference the model file marks its rows."""

    log: Path
    reference: Path | None = None


@dataclass(frozen=True, slots=True)
class DataSet:
    """A folder of the real data, and how its log is made; `file` is what must be there."""

    name: str
    folder: str
    file: str
    prepare: Callable[[Path, Path], Log]


def as_it_is(file: Path, _: Path) -> Log:
    return Log(file)


def fewer_missing(file: Path, to: Path) -> Log:
    """The reference are the first stays, of which none has a payer."""
    stays = _stays(file)
    return _cut(stays, stays["split"] == "reference", to)


def more_missing(file: Path, to: Path) -> Log:
    """The reference are the stays with the fewest missing payers; those that follow have more."""
    stays = _stays(file)
    late = stays[stays["period"] >= "P13"]
    return _cut(late, late["period"] <= "P15", to)


def _stays(file: Path) -> pd.DataFrame:
    scored = pd.read_parquet(file.with_name("scored.parquet"), columns=["id", "period", "split", "score", "label"])
    return pd.read_parquet(file).merge(scored, left_on="encounter_id", right_on="id").drop(columns="id")


def campaign(file: Path, to: Path) -> Log:
    """Half of the calls before the crisis teach a logistic regression; the other half are the reference."""
    calls = pd.read_parquet(file)
    calls["called"] = pd.to_datetime(calls["period"])
    calls["subscribed"] = (calls["y"] == "yes").astype(int)
    before = calls["period"] < CRISIS
    taught = before & (calls["row"] % 2 == 0)
    calls["score"] = _scores(calls, calls[taught])
    return _cut(calls[~taught], before[~taught], to)


def _scores(calls: pd.DataFrame, taught: pd.DataFrame) -> NDArray[np.float64]:
    # Imported here: a second that only this data set needs.
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    levels = OneHotEncoder(handle_unknown="ignore", min_frequency=50)
    columns = make_column_transformer((StandardScaler(), NUMBERS), (levels, WORDS))
    model = make_pipeline(columns, LogisticRegression(max_iter=1_000)).fit(taught, taught["subscribed"])
    return np.asarray(model.predict_proba(calls)[:, 1])


def _cut(rows: pd.DataFrame, reference: pd.Series, to: Path) -> Log:
    cut = Log(to / "log.parquet", to / "reference.parquet")
    rows[reference].to_parquet(cut.reference)
    rows[~reference].to_parquet(cut.log)
    return cut


ACS = DataSet("acs_employment_ma", "acs_employment_ma", "employment_ma_2015_2018.parquet", as_it_is)
SBA = DataSet("sba_loans", "sba_loans", "scored.parquet", as_it_is)
FEWER = DataSet("diabetic_data", "diabetes130", "diabetic_data.parquet", fewer_missing)
MORE = DataSet("diabetic_data", "diabetes130", "diabetic_data.parquet", more_missing)
BANK = DataSet("bank_marketing", "bank_marketing", "bank_additional_full.parquet", campaign)
