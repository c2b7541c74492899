"""Where each model stands: the one summary behind the portfolio, the inventory and the model's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from plumbline.domain.results import Level


class Check(StrEnum):
    """What a model is looked at for; the columns of the heat map, in order."""

    DATA = "data"
    DRIFT = "drift"
    PERFORMANCE = "performance"
    CALIBRATION = "calibration"
    FAIRNESS = "fairness"
    EXPLANATION = "explanation"
    APPROVAL = "approval"
    FINDINGS = "findings"

    @property
    def measured(self) -> bool:
        """Whether monitoring makes it, window by window."""
        return self in (Check.DATA, Check.DRIFT, Check.PERFORMANCE, Check.CALIBRATION, Check.FAIRNESS)


@dataclass(frozen=True, slots=True)
class CheckState:
    """One check of one model: its verdict, a few words for a cell, the reason in a sentence, the window it rests on.

    `result_id` is the figure that the reason speaks of, where monitoring measured one; `held_back` says that something
    was judged past a limit and, not often enough for the policy, does not count so.
    """

    check: Check
    level: Level
    words: str
    reason: str
    window: str = ""
    result_id: str = ""
    held_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the register says a model is."""

    model_id: str
    name: str
    purpose: str
    owner: str
    owner_id: str
    tier: str
    family: str
    task: str
    business_line: str
    affects_people: bool
    exposure: float | None
    currency: str
    vendor: str
    data_sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One model by its version in use (or else its last); counts are of open findings."""

    about: About
    version: str
    stage: str
    active: bool
    checks: tuple[CheckState, ...]
    approval_effective: bool
    approval_reasons: tuple[str, ...]
    approved_until: datetime | None
    conditions_open: int
    conditions_overdue: int
    validated_at: datetime | None
    validation_due: date | None
    validation_asked: bool
    monitored_until: datetime | None
    monitoring_due: date | None
    monitoring: Level
    findings: int
    findings_serious: int
    findings_overdue: int
    critical_overdue: int
    next_due: date | None
    next_due_what: str

    def of(self, check: Check) -> CheckState:
        return next(state for state in self.checks if state.check is check)

    @property
    def level(self) -> Level:
        """The worst of what was judged; grey only where nothing was."""
        judged = [state.level for state in self.checks if state.level is not Level.GREY]
        return max(judged, key=lambda level: level.rank, default=Level.GREY)
