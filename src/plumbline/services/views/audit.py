"""What the audit page shows: the chain's proof, events, signatures, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plumbline.services.views.approvals import SignatureBlock


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that was proved, or was not."""

    name: str
    holds: bool
    found: str


@dataclass(frozen=True, slots=True)
class Verified:
    """All proofs together, the head they were made on, and the sentence for the banner."""

    sentence: str
    holds: bool
    proofs: tuple[Proof, ...]
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """An entry of either log."""

    seq: int
    at: datetime
    who: str
    role: str
    action: str
    what: str
    about: str
    reason: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditView:
    sentence: str
    events: tuple[LogLine, ...]
    people: tuple[str, ...]
    entities: tuple[str, ...]
    actions: tuple[str, ...]
    signatures: tuple[SignatureBlock, ...]


@dataclass(frozen=True, slots=True)
class Accesses:
    """The other chain: refusals, and sign-ins with their failures."""

    refusals: tuple[LogLine, ...]
    sign_ins: tuple[LogLine, ...]
