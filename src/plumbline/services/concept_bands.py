"""A concept shift by band of the score, from the profiles of the reference and of the window."""

from __future__ import annotations

from plumbline.domain.log_spec import LogSpec, ScoreKind
from plumbline.profiling.profile import ALL, Profile
from plumbline.profiling.weights import weighed
from plumbline.services.measure_concept import shift_between
from plumbline.services.measure_estimates import learn
from plumbline.services.views import figures
from plumbline.stats.special import Z95


def shift_by_band(spec: LogSpec, reference: Profile | None, current: Profile | None) -> tuple[dict[str, str], ...]:
    """Event rate now and as the reference would have it at the same scores, lowest scores first; empty without one.

    By weight where the figure is.
    """
    if reference is None or current is None or ALL not in reference.populations or ALL not in current.populations:
        return ()
    earlier, later = weighed(reference), weighed(current)
    before, now = earlier.populations[ALL], later.populations[ALL]
    learnt = learn(earlier) if spec.score_kind is ScoreKind.PROBABILITY else None
    found = shift_between(before, now, learnt.calibrated if learnt else None) if now.labelled else None
    if found is None:
        return ()
    lower = ("lowest", *(f"from {figures.figure(edge)}" for edge in now.bins.deciles))
    starts = (0, *found.groups[1:])
    lines = zip(starts, found.share, found.rate, found.before, found.spread, strict=True)
    return tuple(
        {
            "Scores": lower[start],
            "Share of rows": figures.figure(float(share), "share"),
            "Event rate": figures.figure(float(rate), "share"),
            "At these scores before": figures.figure(float(was), "share"),
            "Change": figures.change(float(rate - was), "share"),
            "Interval": f"{_points(rate - was - Z95 * error)} to {_points(rate - was + Z95 * error)}",
        }
        for start, share, rate, was, error in lines
    )


def _points(value: float) -> str:
    return figures.change(float(value), "share")
