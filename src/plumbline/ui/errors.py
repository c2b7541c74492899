"""How a refusal is told: what happened, where, what was left unchanged, what to do, and an id to quote."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from plumbline.domain.errors import NotAuthorised, PlumblineError
from plumbline.ui.words import plain

LOG = logging.getLogger("plumbline.ui")
UNCHANGED = "Nothing was changed."


def show(error: PlumblineError) -> None:
    """A refusal of ours, plainly; a duty is named, because the reader may ask who can."""
    number = uuid.uuid4().hex[:8]
    LOG.info("refused %s: %s", number, error)
    duty = f" Duty {error.duty}." if isinstance(error, NotAuthorised) and error.duty else ""
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
    except Exception:
        number = uuid.uuid4().hex[:8]
        LOG.exception("fault %s", number)
        st.error(
            f"**This page met a fault of our own.** {UNCHANGED} Load it again; if it stays, quote reference {number}."
        )
