"""The counting engine's session: tasks two at a time."""

from __future__ import annotations

from weakref import WeakSet

from plumbline.profiling.session import together


class _Counts:
    """What a task gives."""


def test_what_a_task_gave_is_held_by_nobody_once_it_was_taken() -> None:
    alive: WeakSet[_Counts] = WeakSet()

    def count() -> _Counts:
        alive.add(given := _Counts())
        return given

    taken = together([count] * 20)
    for _ in range(20):
        next(taken)
    assert not alive
    assert next(taken, None) is None
