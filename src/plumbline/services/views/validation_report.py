"""What the printed validation report holds: the case from its manifest, what the model is, and the stamp."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.services.views.approvals import CaseView
from plumbline.services.views.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the inventory entry in words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    severity: str
    status: str
    title: str
    description: str
    owner: str
    due: str


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """`facts` and `findings` are read from the pinned evidence, never from the tables of today."""

    case: CaseView
    facts: tuple[Fact, ...]
    findings: tuple[FindingLine, ...]
    stamp: Stamp
