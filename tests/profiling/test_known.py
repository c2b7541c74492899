"""Marks that tell whether counts still hold: for whoever counts again, and for whoever judges what was counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.known import spec_mark, spec_marks

Spec = Callable[..., LogSpec]
SCORES = {"0": "p0", "1": "p1"}


@pytest.mark.parametrize(("task", "earlier"), [(Task.BINARY, 0), (Task.REGRESSION, 2), (Task.MULTICLASS, 1)])
def test_counts_that_lack_what_came_later_are_known_and_are_not_todays(task: Task, earlier: int, spec: Spec) -> None:
    made = spec(task, decision=None, score=SCORES if task is Task.MULTICLASS else "score")
    marks = spec_marks(made)
    assert spec_mark(made) in marks
    assert len(marks - {spec_mark(made)}) == earlier


def test_another_log_has_none_of_the_marks(spec: Spec) -> None:
    made = spec(Task.REGRESSION, decision=None)
    assert not spec_marks(made) & spec_marks(replace(made, segments=("owner",)))
    assert spec_marks(made) == spec_marks(replace(made, label_maturity_days=90)), "of judgement, not of counting"
