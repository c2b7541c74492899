"""The shape that most models' histories share: launched, watched, re-validated; each a list of dated steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from plumbline.demo.desk import Desk
from plumbline.domain.models import Stage
from plumbline.domain.people import Seat
from plumbline.domain.signoff import CaseType, Decision, Outcome

TIER_ONE = (Seat.MODEL_RISK_OFFICER, Seat.INDEPENDENT_MEMBER, Seat.ACCOUNTABLE_EXECUTIVE)
TIER_TWO = (Seat.MODEL_RISK_OFFICER, Seat.MEMBER)
TIER_THREE = (Seat.MODEL_RISK_OFFICER,)

Do = Callable[[Desk], object]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at one model's desk at one moment."""

    at: datetime
    model: str
    do: Do


def monitor(desk: Desk) -> None:
    """A step of its own, so that the estate can see all runs coming and count them before the story starts."""
    desk.watch()


def on(day: str, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of the estate's time, UTC."""
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=UTC)


def launch(model: str, day: str, seats: Sequence[Seat], comment: str) -> list[Step]:
    """Registered, run beside the old way, validated, approved, and in use from `day`."""
    live = on(day)
    steps: list[tuple[int, Do]] = [
        (-75, lambda desk: desk.register()),
        (-74, lambda desk: desk.move(Stage.IN_DEVELOPMENT, "Purpose and provisional tier agreed")),
        (-12, monitor),
        (-11, lambda desk: desk.explain()),
        (-10, lambda desk: desk.submit()),
        (-6, lambda desk: desk.report(Outcome.FIT, comment)),
        *((number - 5, approve(seat)) for number, seat in enumerate(seats)),
        (0, lambda desk: desk.move(Stage.IN_USE, "Production test passed, monitoring plan active")),
    ]
    return [Step(live + timedelta(days=days), model, do) for days, do in steps]


def watch(model: str, days: Sequence[str]) -> list[Step]:
    """Monitoring runs, early in the morning of each day."""
    return [Step(on(day, 5), model, monitor) for day in days]


def revalidate(model: str, day: str, seats: Sequence[Seat], outcome: Outcome, comment: str) -> list[Step]:
    """The yearly review: submitted on `day`, reported within a week, then decided by these seats in turn."""
    start = on(day)
    steps: list[tuple[int, Do]] = [
        (0, resubmit),
        (6, lambda desk: desk.report(outcome, comment)),
        *((number + 7, approve(seat)) for number, seat in enumerate(seats)),
    ]
    return [Step(start + timedelta(days=days), model, do) for days, do in steps]


def resubmit(desk: Desk) -> None:
    """Opens the review of a version in use."""
    desk.submit(CaseType.RE_VALIDATION)


def approve(seat: Seat) -> Do:
    """A seat's plain approval."""
    return lambda desk: desk.vote(seat, Decision.APPROVE, "The evidence supports the use asked for.")
