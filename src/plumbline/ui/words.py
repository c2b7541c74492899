"""Text that came from outside, made safe to stand in Streamlit's Markdown, and moments as people read them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|$~:-])")


def plain(text: str) -> str:
    """The text with all Markdown switched off.

    >>> plain('*a* :red[b]')
    '\\\\*a\\\\* \\\\:red\\\\[b\\\\]'
    """
    return _MARKUP.sub(r"\\\1", text)


def with_commands(text: str) -> str:
    """The text with all Markdown switched off but for what stands between backticks: a command to type.

    >>> with_commands('Run `plumbline init`, *now*.')
    'Run `plumbline init`, \\\\*now\\\\*.'
    """
    return "`".join(part if place % 2 else plain(part) for place, part in enumerate(text.split("`")))


def day(moment: date | datetime | None, absent: str = "none") -> str:
    """
    >>> day(date(2026, 3, 31))
    '31 Mar 2026'
    """
    return absent if moment is None else f"{moment.day} {moment:%b %Y}"


def moment(at: datetime | None, zone: str = "UTC", absent: str = "never") -> str:
    """UTC always, and the reader's own zone where it differs.

    >>> moment(datetime(2026, 10, 31, 9, 30, tzinfo=UTC), "Asia/Tokyo")
    '31 Oct 2026 09:30 UTC (18:30 Asia/Tokyo)'
    """
    if at is None:
        return absent
    utc = at.astimezone(UTC)
    local = "" if zone in ("", "UTC") else f" ({utc.astimezone(ZoneInfo(zone)):%H:%M} {zone})"
    return f"{day(utc)} {utc:%H:%M} UTC{local}"
