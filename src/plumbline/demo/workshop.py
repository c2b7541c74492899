"""One model's preparation, a process to itself: trained, written out, then monitored as it was known on each day."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import connection
from pathlib import Path

import pandas as pd

from plumbline.demo import logs
from plumbline.demo.calendar import LOGS_END, TODAY
from plumbline.demo.catalogue import RECIPES
from plumbline.demo.sample_model import SampleModel, make
from plumbline.domain.explanations import Explanation
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.policy.load import load_policy
from plumbline.services import explanations, monitoring, register
from plumbline.services.monitoring import MonitoringRun

EXPLAINED = 600
# A window is counted again while its outcomes may still be coming in; a month's rows are at most this old at its end.
LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The model file with its artefact's hash, the runs by day, and the explanation, if there is an artefact."""

    file: ModelFile
    runs: dict[datetime, MonitoringRun]
    explanation: Explanation | None


def leave_with_parent() -> None:
    """Ends this process when the one that started it is gone: a killed build leaves nobody at work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_leave, args=(parent.sentinel,), daemon=True).start()


def _wait_and_leave(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def prepare(model_id: str, folder: Path, days: Sequence[datetime]) -> Prepared:
    """Makes the model in `folder/<model>/` and runs what its story asks for; no store is touched."""
    sample = make(next(recipe for recipe in RECIPES if recipe.id == model_id))
    path = logs.write(sample, folder)
    read = read_model_file(path)
    file = replace(read, version=register.hashed(read))
    return Prepared(file, _runs(sample, file, days), _explanation(file))


def _runs(sample: SampleModel, file: ModelFile, days: Sequence[datetime]) -> dict[datetime, MonitoringRun]:
    policy, runs = load_policy(), {}
    for last, day in zip((None, *days), days, strict=False):
        log = file.path.with_name(f"known-{day:%Y-%m-%d}.parquet")
        _known(sample, file, day, last).to_parquet(log, index=False)
        runs[day] = monitoring.run(file, log=[log], policy=policy, clock=partial(_at, day))
        log.unlink()
    return runs


def _at(day: datetime) -> datetime:
    return day


def _known(sample: SampleModel, file: ModelFile, day: datetime, last: datetime | None) -> pd.DataFrame:
    """The reference, and the months that can have changed since the last run."""
    known = sample.as_known_on(LOGS_END if day.date() == TODAY.date() else day)
    if last is None:
        return known
    maturity = timedelta(days=file.log.label_maturity_days or 0)
    oldest = pd.Timestamp(last - maturity - LONGEST_MONTH).tz_localize(None).to_period("M").to_timestamp()
    return known[(known["split"] == "reference") | (known["event_time"] >= oldest)]


def _explanation(file: ModelFile) -> Explanation | None:
    if file.artefact_path is None:
        return None
    log = file.path.with_name(logs.LOG)
    return explanations.explain(file, file.artefact_path, log, log, sample=EXPLAINED)
