"""Who must sign for a tier, how long it holds, how often it is checked, and when findings are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.domain.models import Tier
from plumbline.domain.people import Seat
from plumbline.domain.signoff import Severity
from plumbline.policy.packs import Table

if TYPE_CHECKING:
    from plumbline.policy.load import Policy


@dataclass(frozen=True, slots=True)
class Quorum:
    """`expiry_months` is None where an approval does not expire by date."""

    quorum: int
    must_include: tuple[Seat, ...]
    expiry_months: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """Days from opening to due; `blocks` = stands in the way of an unconditional approval while open."""

    days: int
    blocks: bool
    meaning: str
    effect: str
    extensions: int
    extension_days: int


@dataclass(frozen=True, slots=True)
class Cadence:
    words: str
    months: int


@dataclass(frozen=True, slots=True)
class TierDuties:
    """What a tier asks for; None where only a trigger asks."""

    quorum: Quorum
    revalidate_months: int | None
    full_scope_months: int | None
    attest_months: int
    tier_review_months: int | None
    cadence: Cadence
    documents: str


@dataclass(frozen=True, slots=True)
class SignoffPolicy:
    tiers: Mapping[Tier, TierDuties]
    findings: Mapping[Severity, Due]


def quorum(tier: Tier, policy: Policy) -> Quorum:
    """How many distinct people approve, and which seats must be among them."""
    return policy.signoff.tiers[tier].quorum


def finding_due(severity: Severity, policy: Policy) -> Due:
    """When a finding of that severity is due, counted from its opening."""
    return policy.signoff.findings[severity]


def revalidate_months(tier: Tier, policy: Policy) -> int | None:
    """Months to the next validation; None = on a trigger alone."""
    return policy.signoff.tiers[tier].revalidate_months


def monitoring_cadence(tier: Tier, policy: Policy) -> Cadence:
    """How often monitoring is due."""
    return policy.signoff.tiers[tier].cadence


def read_signoff(whole: Table) -> SignoffPolicy:
    """The sign-off pack, checked: every tier and every severity has its rules."""
    cadences, seats, tiers, findings = (whole.table(key) for key in ("cadence", "seats", "tiers", "findings"))
    result = SignoffPolicy(
        tiers={tier: _duties(tiers.table(tier.value), seats, cadences) for tier in Tier},
        findings={severity: _due(findings.table(severity.value)) for severity in Severity},
    )
    for table in (whole, tiers, findings):
        table.done()
    return result


def _duties(table: Table, seats: Table, cadences: Table) -> TierDuties:
    words = table.text("monitor")
    duties = TierDuties(
        quorum=Quorum(
            quorum=table.whole("quorum"),
            must_include=tuple(_seat(name, table, seats) for name in table.texts("must_include")),
            expiry_months=_optional(table, "approval_expiry_m"),
        ),
        revalidate_months=_optional(table, "revalidate_m"),
        full_scope_months=_optional(table, "full_scope_m"),
        attest_months=table.whole("attest_m"),
        tier_review_months=_optional(table, "tier_review_m"),
        cadence=Cadence(words, cadences.whole(words)),
        documents=table.text("docs"),
    )
    table.done()
    if duties.quorum.quorum < len(duties.quorum.must_include):
        table.refuse("quorum", "is smaller than the number of seats in must_include")
    return duties


def _seat(name: str, table: Table, seats: Table) -> Seat:
    known = [seat.value for seat in Seat]
    value = seats.text(name)
    return Seat(value) if value in known else table.refuse("must_include", f"names the unknown seat {value!r}")


def _optional(table: Table, key: str) -> int | None:
    return table.whole(key) if table.has(key) else None


def _due(table: Table) -> Due:
    due = Due(
        days=table.whole("due_days"),
        blocks=table.flag("blocks"),
        meaning=table.text("meaning"),
        effect=table.text("effect"),
        extensions=table.whole("extensions"),
        extension_days=table.whole("extension_days"),
    )
    table.done()
    return due
