"""Writers take turns: some wait, one too many is told to come again, and so is whoever waited too long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from plumbline.domain.errors import StoreBusy
from plumbline.store.turns import Turns


@pytest.fixture
def busy() -> Iterator[Turns]:
    """Somebody is at work until the test is over."""
    turns, there, over = Turns(most=2, longest=timedelta(seconds=30)), threading.Event(), threading.Event()

    def work() -> None:
        with turns.mine():
            there.set()
            assert over.wait(60)

    writer = threading.Thread(target=work)
    writer.start()
    assert there.wait(60)
    yield turns
    over.set()
    writer.join()


def waiting(turns: Turns, many: int) -> list[threading.Thread]:
    """So many more who wait their turn, once they do."""

    def wait() -> None:
        with turns.mine():
            pass

    threads = [threading.Thread(target=wait) for _ in range(many)]
    for each in threads:
        each.start()
    pause = threading.Event()
    while turns.waiting < many:
        pause.wait(0.001)
    return threads


def begin(turns: Turns) -> None:
    with turns.mine():
        raise AssertionError("there was no turn to have")


def test_one_too_many_is_refused_at_once_and_the_others_get_their_turn(busy: Turns) -> None:
    waiting(busy, 2)
    with pytest.raises(StoreBusy, match=r"2 others wait to write. Nothing was changed. Wait 2 s") as refused:
        begin(busy)
    assert refused.value.wait == 2
    assert busy.waiting == 2


def test_who_waited_too_long_is_refused_and_waits_no_more(busy: Turns) -> None:
    busy.longest = timedelta(milliseconds=20)
    with pytest.raises(StoreBusy, match="Another writer has been at work"):
        begin(busy)
    assert busy.waiting == 0


def test_a_turn_that_ends_in_an_error_is_over_and_a_thread_does_not_wait_for_itself() -> None:
    turns, came = Turns(), threading.Event()
    with pytest.raises(AssertionError, match="no turn"):
        begin(turns)

    def twice() -> None:
        with turns.mine(), turns.mine():
            came.set()

    other = threading.Thread(target=twice)
    other.start()
    other.join(30)
    assert came.is_set()
