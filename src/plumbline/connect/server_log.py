"""The server's own log: one JSON object a line, found again by request id, with nothing in it that people typed."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import uuid4

OURS = "plumbline"
# Of the request that is being answered; empty elsewhere.
REQUEST: ContextVar[str] = ContextVar("request", default="")


class Lines(logging.Formatter):
    """A record as one line of JSON.

    Of an error its kind and the places it passed through are told, never its message, and of a library's line the
    wording without what was put into it: either may quote a person, a password or a row.

    >>> told = {"route": "/ready", "status": 200}
    >>> record = logging.makeLogRecord({"name": "plumbline.api", "msg": "request", "created": 0.25, "told": told})
    >>> Lines().format(record)
    '{"time": "1970-01-01T00:00:00.250Z", "level": "info", "logger": "plumbline.api", "event": "request", \
"route": "/ready", "status": 200}'
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": at.replace("+00:00", "Z"),
            "level": logging.getLevelName(record.levelno).lower() if record.levelno else "info",
            "logger": record.name,
            "event": str(record.msg),
        }
        told = dict(getattr(record, "told", {}))
        if number := told.pop("request_id", REQUEST.get()):
            line["request_id"] = number
        line |= told
        if record.exc_info and record.exc_info[1]:
            line |= {"error": type(record.exc_info[1]).__name__, "trace": list(_trace(record.exc_info[1]))}
        return json.dumps(line, ensure_ascii=False)


def _trace(error: BaseException) -> Iterator[str]:
    """Where it passed through, the innermost place last, and before that what it came of."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _trace(cause)
        yield f"{type(cause).__name__} led to:"
    for place in traceback.extract_tb(error.__traceback__):
        yield f"{place.filename}:{place.lineno} in {place.name}: {place.line}"


def to_stderr() -> None:
    """From now on every logger of this process writes such lines, and only such, to standard error.

    May be called again: libraries bring handlers of their own when they start.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    logging.getLogger(OURS).setLevel(logging.INFO)


def written() -> bool:
    """Whether this process keeps such a log."""
    return any(isinstance(each.formatter, Lines) for each in logging.getLogger().handlers)


def fault(logger: logging.Logger, error: BaseException) -> str:
    """Write down a fault of our own; the id to quote."""
    number = REQUEST.get() or new_id()
    logger.error("fault", exc_info=error, extra={"told": {"request_id": number}})
    return number


def new_id() -> str:
    return uuid4().hex[:16]
