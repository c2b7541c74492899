"""Why a figure changed, as steps: from the figure before over mix and each segment to the figure after."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from plumbline.charts import theme
from plumbline.charts.heading import describe
from plumbline.charts.theme import Look
from plumbline.services.views import figures
from plumbline.services.views.decomposition import Effect, Split

_MOST = 10  # segments with a step of their own
_LONGEST = 28  # letters of a segment's name on the axis
_REAL, _CHANCE = 0.75, 0.3  # opacity of a step
_FAR = 0.5  # of the steps' span: totals that lie further from zero leave zero out


@dataclass(frozen=True, slots=True)
class _Step:
    """A bar from `start` by `size`; totals stand on zero."""

    name: str
    start: float
    size: float
    words: str
    hover: str
    effect: Effect | None = None
    total: bool = False

    @property
    def end(self) -> float:
        return self.start + self.size


@theme.drawn_once
def waterfall(split: Split, *, dark: bool = False) -> go.Figure:
    """Totals in grey-blue and ink, steps by direction, never in a verdict's colour; whiskers are 95 % limits."""
    look, steps = theme.look(dark), _steps(split)
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=[step.name for step in steps],
        x=[step.size for step in steps],
        base=[step.start for step in steps],
        marker={"color": [_colour(step, at, look) for at, step in enumerate(steps)]},
        error_x=_whiskers(steps, look),
        hovertext=[step.hover for step in steps],
        hoverinfo="text",
        width=0.62,
    )
    figure.add_scatter(**_labels(steps, look))
    for at, step in enumerate(steps[:-1]):
        figure.add_shape(
            type="line",
            x0=step.end,
            x1=step.end,
            y0=at,
            y1=at + 1,
            layer="below",
            line={"color": look.muted, "width": 1, "dash": "dot"},
        )
    _say(figure, split, len(steps), dark=dark)
    tick = ".3~%" if split.metric.unit in figures.RATES else ".3~g"
    theme.lay_out(
        figure,
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True, "type": "category"},
        xaxis={"title": {"text": split.metric.title}, "tickformat": tick, "range": _reach(steps)},
    )
    return figure


def _say(figure: go.Figure, split: Split, bars: int, *, dark: bool) -> None:
    when, base = figures.window_words(split.window), figures.window_words(split.baseline)
    n = f"n {figures.count(split.n_before)} and {figures.count(split.n_after)} {split.rows}"
    subtitle = f"{split.metric.title} by {_title(split.by)}, {base} to {when} · {n} · whiskers: 95 % limits"
    describe(
        figure,
        dark=dark,
        title=split.finding,
        subtitle=subtitle,
        alt=f"{split.finding}. {subtitle}.",
        height=40 + 30 * bars,
        legend=False,
    )


def _steps(split: Split) -> list[_Step]:
    metric, when = split.metric, figures.window_words(split.window)
    before, after = (metric.figure(value) for value in (split.before, split.after))
    base = _capital(figures.window_words(split.baseline))
    steps = [_Step(base, 0.0, split.before, before, f"{base}: {before}", total=True)]
    named = [(_name(f"within {part.segment}"), part.within) for part in split.segments[:_MOST]]
    for name, effect in (("mix: who is in it", split.mix), *named):
        steps.append(_step(split, name, steps[-1].end, effect))
    rest = split.segments[_MOST:]
    if rest:
        size = sum(part.within.value for part in rest)
        name, words = f"within {len(rest)} others", f"{split.part(size)}{split.points}"
        steps.append(_Step(name, steps[-1].end, size, words, f"{_capital(name)}: {words}"))
    return [*steps, _Step(_capital(when), 0.0, split.after, after, f"{_capital(when)}: {after}", total=True)]


def _step(split: Split, name: str, start: float, effect: Effect) -> _Step:
    words = f"{split.part(effect.value)}{split.points}"
    chance = "" if effect.real else "<br>within chance"
    hover = f"{_capital(name)}: {words}<br>95 % limits {split.span(effect)}{chance}"
    return _Step(name, start, effect.value, words, hover, effect)


def _colour(step: _Step, at: int, look: Look) -> str:
    if step.total:
        return look.reference if at == 0 else look.ink
    hue = look.raises if step.size > 0 else look.lowers
    # Light enough for whiskers to be seen on them.
    return look.soft(hue, _REAL if step.effect is None or step.effect.real else _CHANCE)


def _whiskers(steps: list[_Step], look: Look) -> dict[str, object]:
    """Of each step around its end; totals have their own limits in the main chart."""
    return {
        "type": "data",
        "array": [step.effect.high - step.size if step.effect else 0.0 for step in steps],
        "arrayminus": [step.size - step.effect.low if step.effect else 0.0 for step in steps],
        "color": look.ink,
        "thickness": 1.5,
        "width": 4,
    }


def _labels(steps: list[_Step], look: Look) -> dict[str, object]:
    """Beyond the whisker's end, where nothing is drawn over them."""
    ends = [max(step.start, step.end, step.start + (step.effect.high if step.effect else 0.0)) for step in steps]
    return {
        "x": ends,
        "y": [step.name for step in steps],
        "mode": "text",
        "text": [f"  {step.words}" for step in steps],
        "textposition": "middle right",
        "textfont": {"color": look.ink, "size": 12},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _reach(steps: list[_Step]) -> list[float]:
    """Room for the words at the bars' ends; zero is left out only where it would dwarf the steps."""
    levels = [step.end for step in steps]
    for step in steps:
        if step.effect:
            levels += [step.start + step.effect.low, step.start + step.effect.high]
    low, high = min(levels), max(levels)
    if min(abs(low), abs(high)) < _FAR * (high - low):
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) or 1.0
    return [low - 0.04 * room if low else 0.0, high + 0.22 * room]


def _name(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _title(by: str) -> str:
    return by.replace("_", " ")


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
