"""Access: how long a sign-in lasts, what a password must be, what a token may, when roles are reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from plumbline.policy.packs import Table

PARTS = ("sessions", "sign_in", "passwords", "tokens", "roles")
STRONGEST = 4
MOST = 1_000_000  # of whatever unit: what lasts longer than that would outlast the calendar


@dataclass(frozen=True, slots=True)
class Access:
    """`free_tries` wrong passwords, then a wait from `first_wait` that doubles up to `longest_wait`.

    `least_strength` is on zxcvbn's scale of 0 to 4.
    """

    longest: timedelta
    idle: timedelta
    free_tries: int
    first_wait: timedelta
    longest_wait: timedelta
    least_length: int
    least_strength: int
    token_days: int
    requests_a_minute: int
    review: timedelta


def read_access(whole: Table) -> Access:
    """The access pack, checked: nothing lasts no time at all."""
    sessions, sign_in, passwords, tokens, roles = (whole.table(key) for key in PARTS)
    found = Access(
        longest=timedelta(hours=_some(sessions, "longest_hours")),
        idle=timedelta(minutes=_some(sessions, "idle_minutes")),
        free_tries=_some(sign_in, "free_tries"),
        first_wait=timedelta(seconds=_some(sign_in, "first_wait_seconds")),
        longest_wait=timedelta(minutes=_some(sign_in, "longest_wait_minutes")),
        least_length=_some(passwords, "least_length"),
        least_strength=passwords.whole("least_strength"),
        token_days=_some(tokens, "longest_days"),
        requests_a_minute=_some(tokens, "requests_a_minute"),
        review=timedelta(days=_some(roles, "review_days")),
    )
    if found.least_strength > STRONGEST:
        passwords.refuse("least_strength", f"is {found.least_strength}: nothing is stronger than {STRONGEST}")
    for table in (passwords, tokens, roles):
        table.text("source")
    for table in (sessions, sign_in, passwords, tokens, roles, whole):
        table.done()
    return found


def _some(table: Table, key: str) -> int:
    found = table.whole(key)
    return found if 1 <= found <= MOST else table.refuse(key, f"is {found:,}: from 1 to {MOST:,}")
