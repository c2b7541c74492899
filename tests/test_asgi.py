"""The server's housekeeping: what lives on is put out of the collector's sight, and found again."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from asgi import settle


class Session:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Other tests' rubbish is theirs to collect; what was collected at the start stays out of sight."""
    gc.unfreeze()
    yield
    settle(whole=True)


def test_what_lives_on_is_frozen_and_what_has_died_is_not_kept_for_ever() -> None:
    settle()
    before = gc.get_freeze_count()
    kept = [[number] for number in range(1_000)]
    session = Session()
    seen = weakref.ref(session)
    settle()
    assert gc.get_freeze_count() - before >= len(kept)

    del session
    settle()
    assert seen() is not None, "frozen while it lived, and since then out of sight"
    settle(whole=True)
    assert seen() is None
