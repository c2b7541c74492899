"""Verdicts gathered by model, window and metric: what a heat map and a life line are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plumbline.domain.results import Level
from plumbline.store.database import Cursor, aware_or_none

# A figure without a limit is information, not a verdict, so it colours no cell; nor does an estimate that may not
# speak: no gap in monitoring, for the figure itself is judged when its labels come.
GATHERED = """
select model_id, version_id, "window", max(window_end), metric, segment_by is not null as split,
    count(*) filter (verdict = 'green'), count(*) filter (verdict = 'watch'), count(*) filter (verdict = 'amber'),
    count(*) filter (verdict = 'red'), count(*) filter (verdict = 'grey'),
    arg_max({'column': "column", 'by': segment_by, 'segment': segment, 'reason': reason, 'id': result_id},
        case verdict when 'red' then 4 when 'amber' then 3 when 'watch' then 2 when 'green' then 1 else 0 end)
from current_result
where "window" <> 'reference' and rule not like 'no-limit%' and not (metric like 'estimated%' and verdict = 'grey')
    and (? is null or model_id = ?)
group by model_id, version_id, "window", metric, split
order by 4 nulls first, "window", metric
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One metric of one window: how many figures got which verdict, and the worst of them in words."""

    model_id: str
    version_id: str
    window: str
    window_end: datetime | None
    metric: str
    split: bool
    counts: tuple[tuple[Level, int], ...]
    column: str | None
    segment_by: str | None
    segment: str | None
    reason: str
    result_id: str = ""

    def count(self, level: Level) -> int:
        return dict(self.counts)[level]


def gathered(cursor: Cursor, model_id: str | None = None) -> tuple[Gathered, ...]:
    """Every judged metric of every window, in order of window; of one model or of all."""
    rows = cursor.execute(GATHERED, [model_id, model_id]).fetchall()
    order = (Level.GREEN, Level.WATCH, Level.AMBER, Level.RED, Level.GREY)
    return tuple(
        Gathered(
            row[0],
            row[1],
            row[2],
            aware_or_none(row[3]),
            row[4],
            row[5],
            tuple(zip(order, row[6:11], strict=True)),
            row[11]["column"],
            row[11]["by"],
            row[11]["segment"],
            row[11]["reason"],
            row[11]["id"],
        )
        for row in rows
    )
