"""What a page says of a fault, and what the server's log says of it: the same id, and only here what it quotes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from plumbline.connect.server_log import Lines


def faulty() -> None:
    from plumbline.ui import errors

    with errors.guarding():
        raise KeyError("ana.ito")


def refused() -> None:
    from plumbline.domain.errors import NotAuthorised
    from plumbline.ui import errors

    with errors.guarding():
        raise NotAuthorised("Ana Ito built this version", duty="S1", remedy="Ask another validator.")


@pytest.mark.parametrize(
    ("page", "event", "error", "words"),
    [
        (faulty, "fault", "KeyError", "a fault of our own"),
        (refused, "refused", "NotAuthorised", "Duty S1"),
    ],
)
def test_the_page_shows_the_id_under_which_the_log_has_it(
    page: Callable[[], None], event: str, error: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "plumbline")
    at = AppTest.from_function(page).run()
    assert not at.exception
    (line,) = (json.loads(Lines().format(each)) for each in caplog.records if each.name == "plumbline.ui")
    assert (line["event"], line["error"]) == (event, error)
    assert words in at.error[0].value
    assert line["request_id"] in at.error[0].value
    assert "Ana Ito" not in json.dumps(line)
