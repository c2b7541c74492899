"""How a refusal is told: what happened, where, what was left unchanged, what to do, and an id to quote."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from plumbline.connect import server_log
from plumbline.domain.errors import NotAuthorised, PlumblineError
from plumbline.ui.words import plain

LOG = logging.getLogger("plumbline.ui")
UNCHANGED = "Nothing was changed."


def show(error: PlumblineError) -> None:
    """A refusal of ours, plainly; a duty is named, because the reader may ask who can."""
    number = server_log.new_id()
    rule = error.duty if isinstance(error, NotAuthorised) else ""
    # What it says may name people, and stands in the access log: the server's log tells that it was, and of what kind.
    LOG.info("refused", extra={"told": {"request_id": number, "error": type(error).__name__, "rule": rule}})
    duty = f" Duty {rule}." if rule else ""
    where = f" ({error.where})" if error.where else ""
    remedy = f" {error.remedy}" if error.remedy else ""
    st.error(f"**{plain(error.what + where)}.**{plain(duty)} {UNCHANGED}{plain(remedy)}  \nReference {number}")


@contextmanager
def reporting() -> Iterator[None]:
    """Refusals inside become messages and the page goes on; a fault of our own surfaces as one."""
    try:
        yield
    except PlumblineError as error:
        show(error)


@contextmanager
def guarding() -> Iterator[None]:
    """Round a whole page: whatever escapes is told plainly, and the details go to the server's log alone."""
    try:
        yield
    except PlumblineError as error:
        show(error)
    except Exception as cause:
        fault(cause)


def fault(cause: Exception) -> bool:
    """Told, so that Streamlit need not: also where no page stands around it, as in what a button calls."""
    number = server_log.fault(LOG, cause)
    st.error(
        f"**This page met a fault of our own.** {UNCHANGED} Load it again; if it stays, quote reference {number}: "
        "the server's log has the details under it."
    )
    return True
