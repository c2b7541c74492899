"""Labels that come late: how many of a window's are in, how many are expected in the end, and when they are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plumbline.services.views import figures


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsIn:
    """The labels of one window of one population.

    `expected` is the share that came in the end, the mean of `finals` earlier windows, or with 0 the reference's;
    `at_this_age` the mean of what `cohorts` earlier windows had in when they were as old, None where no run saw it.
    Judged from `due` on, or where no maturity is declared from the share `needed`.
    """

    share: float
    age_days: int | None = None
    expected: float | None = None
    finals: int = 0
    at_this_age: float | None = None
    cohorts: int = 0
    due: date | None = None
    maturity_days: int | None = None
    needed: float | None = None

    @property
    def words(self) -> str:
        """All of it in sentences.

        >>> LabelsIn(share=0.072, age_days=60, expected=1.0, finals=6, at_this_age=0.11, cohorts=2).words
        '7.20 % in, 60 days after its end. 2 earlier windows had 11.0 % in at that age. 100 % are expected in the end, \
the mean of the 6 last windows whose labels are in.'
        """
        return " ".join(part for part in (self._now(), self._then(), self._end()) if part)

    @property
    def awaited(self) -> str:
        """What it would take before a verdict is passed.

        >>> LabelsIn(share=0.07, due=date(2026, 11, 29), maturity_days=90).awaited
        'The labels still to come: judged from 29 Nov 2026 on, 90 days after the window.'
        >>> LabelsIn(share=0.07, needed=0.75).awaited
        'The labels still to come: judged once 75.0 % are in.'
        """
        if self.due is not None:
            when = f"{self.due.day} {self.due:%b %Y}"
            return f"The labels still to come: judged from {when} on, {self.maturity_days} days after the window."
        if self.needed is not None:
            return f"The labels still to come: judged once {figures.figure(self.needed, 'share')} are in."
        return "The labels still to come."

    def _now(self) -> str:
        age = "" if self.age_days is None else f", {self.age_days} days after its end"
        return f"{figures.figure(self.share, 'share')} in{age}."

    def _then(self) -> str:
        if self.at_this_age is None:
            return ""
        windows = "1 earlier window" if self.cohorts == 1 else f"{self.cohorts} earlier windows"
        return f"{windows} had {figures.figure(self.at_this_age, 'share')} in at that age."

    def _end(self) -> str:
        if self.expected is None:
            return ""
        of = "as on the reference"
        if self.finals:
            of = "as in the last window" if self.finals == 1 else f"the mean of the {self.finals} last windows"
            of += " whose labels are in"
        return f"{figures.figure(self.expected, 'share')} are expected in the end, {of}."
