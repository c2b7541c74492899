"""Verdicts gathered by model, window and metric: what a heat map and a life line are made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from plumbline.domain.results import Level
from plumbline.store.database import Cursor, aware_or_none

AS_JUDGED = "select *, verdict as counts, null as times from limited"

# Past a limit, a verdict counts as red or amber where its figure was as bad $windows times among its last $of judged
# windows, else as watch. A silent failure is no chance event: it counts at once.
DAMPED = """
select *, if(verdict = 'red', reds, pasts) as times,
    case
        when verdict not in ('red', 'amber') or metric in $at_once then verdict
        when verdict = 'red' and reds >= $windows then 'red'
        when pasts >= $windows then 'amber'
        else 'watch'
    end as counts
from (
    select *, count(*) filter (verdict = 'red') over recent as reds,
        count(*) filter (verdict in ('red', 'amber')) over recent as pasts
    from limited
    window recent as (
        partition by model_id, version_id, metric, "column", segment_by, segment, verdict = 'grey'
        order by window_end nulls first, "window" rows between $of - 1 preceding and current row
    )
)
"""

# A figure without a limit is information, not a verdict, so it colours no cell; nor does an estimate that may not
# speak: no gap in monitoring, for the figure itself is judged when its labels come.
GATHERED = """
with limited as (
    select * from current_result
    where "window" <> 'reference' and rule not like 'no-limit%'
        and not (metric like 'estimated%' and verdict = 'grey') and ($model_id is null or model_id = $model_id)
), counted as ({counted})
select model_id, version_id, "window", max(window_end), metric, segment_by is not null as split,
    count(*) filter (counts = 'green'), count(*) filter (counts = 'watch'), count(*) filter (counts = 'amber'),
    count(*) filter (counts = 'red'), count(*) filter (counts = 'grey'),
    arg_max({{'column': "column", 'by': segment_by, 'segment': segment, 'reason': reason, 'id': result_id,
            'judged': if(counts <> verdict, verdict, null), 'times': times}},
        case counts when 'red' then 4 when 'amber' then 3 when 'watch' then 2 when 'green' then 1 else 0 end)
from counted
group by model_id, version_id, "window", metric, split
order by 4 nulls first, "window", metric
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One metric of one window: how many figures count as which level, and the worst of them in words.

    Where the worst figure counts for less than it was `judged`, `times` says in how many of its last windows it was at
    least as bad.
    """

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
    judged: Level | None = None
    times: int | None = None

    def count(self, level: Level) -> int:
        return dict(self.counts)[level]


def gathered(
    cursor: Cursor, model_id: str | None = None, *, windows: int = 1, of: int = 1, at_once: Collection[str] = ()
) -> tuple[Gathered, ...]:
    """Every judged metric of every window, in order of window; of one model or of all.

    A verdict past a limit counts in full from its `windows`-th within `of` judged windows on; of metrics `at_once`, at
    the first.
    """
    damper = {"windows": windows, "of": of, "at_once": list(at_once)} if windows > 1 else {}
    asked = GATHERED.format(counted=DAMPED if damper else AS_JUDGED)
    rows = cursor.execute(asked, {"model_id": model_id, **damper}).fetchall()
    order = (Level.GREEN, Level.WATCH, Level.AMBER, Level.RED, Level.GREY)
    return tuple(
        Gathered(
            *(row[0], row[1], row[2], aware_or_none(row[3]), row[4], row[5]),
            counts=tuple(zip(order, row[6:11], strict=True)),
            column=row[11]["column"],
            segment_by=row[11]["by"],
            segment=row[11]["segment"],
            reason=row[11]["reason"],
            result_id=row[11]["id"],
            judged=Level(row[11]["judged"]) if row[11]["judged"] else None,
            times=row[11]["times"],
        )
        for row in rows
    )
