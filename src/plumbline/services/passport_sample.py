"""The sample behind one figure: the profiles that its run measured, their rows, and the bins they were counted on."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.results import REFERENCE, Measurement
from plumbline.profiling.bins import CategoricalBins, NumericBins
from plumbline.profiling.profile import Profile, Slice
from plumbline.profiling.serial import decode
from plumbline.services.bins import decile_labels
from plumbline.services.distributions import distribution
from plumbline.services.domain_auc import DOMAIN_AUC
from plumbline.services.run_account import Account, read_account
from plumbline.services.views import figures
from plumbline.services.views.passport import Bins, Sample
from plumbline.store import accounts, profiles
from plumbline.store.database import Cursor
from plumbline.store.results import StoredResult


@dataclass(frozen=True, slots=True)
class Evidence:
    """The run's account, and the profiles of reference and window where stored bytes still give the hashes in it."""

    account: Account | None
    reference: Profile | None
    window: Profile | None

    def sha256(self, label: str) -> str:
        """The hash by which the run measured a window; empty for a run that left no account."""
        return self.account.windows.get(label, "") if self.account else ""


def evidence(cursor: Cursor, one: StoredResult) -> Evidence:
    """What the run measured this figure from, whatever was counted since."""
    told = accounts.of_runs(cursor, [one.run_id])
    if not told:
        return Evidence(None, None, None)
    account = read_account(told[0].content)
    marks = [account.windows.get(label, "") for label in (REFERENCE, one.result.window.label)]
    found = profiles.by_hash(cursor, one.model_id, one.version_id, marks)
    by_mark = {mark: decode(each.content) for mark, each in found.items()}
    return Evidence(account, *(by_mark.get(mark) for mark in marks))


def earlier(cursor: Cursor, one: StoredResult, account: Account) -> dict[str, Profile | None]:
    """The windows that the run held before this figure's own, in order of time; None where their bytes are gone.

    An estimate has its record from them, and a silent failure may be a copy of one.
    """
    own = one.result.window.label
    labels = [label for label in sorted(account.windows) if label != REFERENCE and own != REFERENCE and label < own]
    marks = {label: account.windows[label] for label in labels}
    found = profiles.by_hash(cursor, one.model_id, one.version_id, marks.values())
    return {label: decode(found[mark].content) if mark in found else None for label, mark in marks.items()}


def sample(profile: Profile | None, m: Measurement) -> Sample | None:
    """The rows of a window that a figure rests on."""
    if profile is None:
        return None
    column = profile.columns.get(m.column) if m.column else None
    rows, labelled = _population(profile, Slice(m.segment_by, m.segment))
    lost = 0 if column is None else column.missing + getattr(column, "non_finite", 0)
    return Sample(
        window=profile.window.label,
        start=profile.window.start,
        end=profile.window.end,
        first_time=profile.first_time,
        last_time=profile.last_time,
        rows=profile.rows,
        quarantine=tuple(sorted(profile.quarantine.items())),
        population=rows,
        labelled=labelled,
        without_value=None if column is None else lost,
        weighed=profile.weighted is not None,
    )


def _population(profile: Profile, of: Slice) -> tuple[int, int]:
    """(rows, rows with a known outcome) of a slice; those of which the window has none are not in its profile."""
    if profile.classes is not None:
        table = profile.classes.confusion.get(of)
        return (0, 0) if table is None else (int(table.sum()), int(table[:, :-1].sum()))
    population = profile.populations.get(of)
    return (0, 0) if population is None else (population.rows, population.labelled)


def bins(found: Evidence, m: Measurement) -> Bins | None:
    """The bins that the figure was counted on: its column's, else its score's; of what needs rows, the rows drawn."""
    if found.window is None or found.reference is None:
        return None
    if m.metric == DOMAIN_AUC:
        return _of_rows(found.window)
    grid = found.window.grid
    if m.column is not None:
        return _of_column(found.reference, found.window, m.column)
    if found.window.classes is not None:
        kinds = "; or ".join(dict.fromkeys(_kind(of) for of in grid.scores.values()))
        return Bins(kind=f"Scores of {len(grid.scores)} classes, each against the rest: {kinds}", grid=grid.digest)
    return _of_scores(found.reference, found.window, Slice(m.segment_by, m.segment))


def _of_rows(window: Profile) -> Bins | None:
    scores = window.domain
    if scores is None:
        return None
    drawn = (
        f"No bins but the scores of rows: {figures.count(scores.rows)} of the window and "
        f"{figures.count(scores.rows_reference)} of the reference, those of the smallest hashes with seed "
        f"{scores.seed}; SHA-256 of either sample {scores.sample} and {scores.reference}. "
        "Levels have their place in the grid"
    )
    return Bins(kind=drawn, grid=window.grid.digest)


def _of_column(reference: Profile, window: Profile, name: str) -> Bins | None:
    if name not in window.grid.columns and name not in window.columns:
        return None
    column, overlay = window.columns[name], distribution(reference, window, name)
    of = column.bins
    if overlay is None:
        return Bins(kind=_kind(of), grid=window.grid.digest)
    return Bins(
        kind=_kind(of),
        grid=window.grid.digest,
        labels=overlay.labels,
        reference=overlay.reference,
        current=overlay.current,
        left_out=overlay.left_out,
    )


def _of_scores(reference: Profile, window: Profile, of: Slice) -> Bins | None:
    before, after = reference.populations.get(of), window.populations.get(of)
    if after is None:
        return None
    kind = f"Scores: {_kind(after.bins)}"
    if before is None or not before.rows or not after.rows:
        return Bins(kind=kind, grid=window.grid.digest)
    return Bins(
        kind=kind,
        grid=window.grid.digest,
        labels=decile_labels(after.bins.deciles),
        reference=tuple((before.deciles() / before.rows).tolist()),
        current=tuple((after.deciles() / after.rows).tolist()),
    )


def _kind(of: NumericBins | CategoricalBins) -> str:
    if isinstance(of, CategoricalBins):
        return f"{figures.count(len(of.levels))} levels, frozen from the reference; unseen ones by name"
    if of.exact:
        return f"{figures.count(len(of.cuts))} values of the reference, each counted on its own"
    edges = len(of.deciles)
    return f"{figures.count(of.size)} fine bins, split at the {edges} exact deciles of the reference"
