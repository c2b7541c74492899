"""Access: how long a sign-in lasts, how often a password may be wrong, how long a script's token lives and asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from plumbline.policy.packs import Table

MOST = 1_000_000  # of whatever unit: what lasts longer than that would outlast the calendar


@dataclass(frozen=True, slots=True)
class Access:
    """`free_tries` wrong passwords, then a wait from `first_wait` that doubles up to `longest_wait`."""

    longest: timedelta
    idle: timedelta
    free_tries: int
    first_wait: timedelta
    longest_wait: timedelta
    token_days: int
    requests_a_minute: int


def read_access(whole: Table) -> Access:
    """The access pack, checked: nothing lasts no time at all."""
    sessions, sign_in, tokens = (whole.table(key) for key in ("sessions", "sign_in", "tokens"))
    found = Access(
        longest=timedelta(hours=_some(sessions, "longest_hours")),
        idle=timedelta(minutes=_some(sessions, "idle_minutes")),
        free_tries=_some(sign_in, "free_tries"),
        first_wait=timedelta(seconds=_some(sign_in, "first_wait_seconds")),
        longest_wait=timedelta(minutes=_some(sign_in, "longest_wait_minutes")),
        token_days=_some(tokens, "longest_days"),
        requests_a_minute=_some(tokens, "requests_a_minute"),
    )
    tokens.text("source")
    for table in (sessions, sign_in, tokens, whole):
        table.done()
    return found


def _some(table: Table, key: str) -> int:
    found = table.whole(key)
    return found if 1 <= found <= MOST else table.refuse(key, f"is {found:,}: from 1 to {MOST:,}")
