"""The inventory's records: model, version, use; tiering inputs; the states of the lifecycle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# Names that stand in addresses and in the names of files.
ENTITY_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
ID_WORDS = "at most 64 small letters, digits, dots, hyphens and '_', a letter or digit first"
VERSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+()-]{0,63}")
VERSION_WORDS = "at most 64 letters, digits, spaces and . _ + - ( ), a letter or digit first"
DOMAINS = ("credit", "insurance", "employment", "health", "fraud", "other")


class Stage(StrEnum):
    """Lifecycle of a version; validation, approval and monitoring are separate axes."""

    PROPOSED = "proposed"
    IN_DEVELOPMENT = "in_development"
    IN_VALIDATION = "in_validation"
    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    IN_USE = "in_use"
    IN_USE_RESTRICTED = "in_use_restricted"
    SUSPENDED = "suspended"
    RETIRING = "retiring"
    RETIRED = "retired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def active(self) -> bool:
        return self in (Stage.IN_USE, Stage.IN_USE_RESTRICTED)


class Tier(StrEnum):
    ONE = "1"
    TWO = "2"
    THREE = "3"
    NEGLIGIBLE = "negligible"


class Origin(StrEnum):
    INTERNAL = "internal"
    VENDOR = "vendor"
    VENDOR_CUSTOMISED = "vendor_customised"
    OPEN_SOURCE = "open_source"
    CONSORTIUM = "consortium"


class Automation(StrEnum):
    ADVISORY = "advisory"
    HUMAN_IN_LOOP = "human_in_loop"
    HUMAN_ON_LOOP = "human_on_loop"
    FULLY_AUTOMATED = "fully_automated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierInputs:
    """Answers 1 to 5 of the tiering questionnaire, inherent risk only, with the written rationale."""

    exposure: int
    purpose: int
    assumptions: int
    complexity: int
    input_quality: int
    data_constraints: int
    explainability_and_autonomy: int
    rationale: str = ""
    flags: tuple[str, ...] = ()  # reg_capital, ifrs9_cecl, sox_key, patient_safety, ai_act_high


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """What must always stand in the inventory about a model (model-risk fields marked A)."""

    id: str
    name: str
    purpose: str
    owner: str
    family: str
    task: str
    description: str
    origin: Origin
    technique: str
    business_line: str
    legal_entity: str
    jurisdictions: tuple[str, ...]
    developers: tuple[str, ...]
    automation: Automation
    affects_people: bool
    decision_domain: str
    tier_inputs: TierInputs
    data_sources: tuple[str, ...]
    personal_data: bool = False
    special_category: bool = False
    vendor_name: str = ""
    validator: str = ""
    accountable_executive: str = ""
    independent_member: str = ""
    exposure_amount: float | None = None
    exposure_currency: str = ""
    decisions_per_year: int | None = None
    retention_class: str = "10 years"
    limitations: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionEntry:
    """A version of a model: what runs, pinned by hash."""

    model_id: str
    id: str
    artefact: str = ""
    artefact_sha256: str = ""
    code_ref: str = ""
    training_data_ref: str = ""
    trained_at: datetime | None = None
    target: str = ""
    spec_json: str = ""  # the model file's [log] and [explain], canonical JSON: what monitoring counts


@dataclass(frozen=True, slots=True, kw_only=True)
class UseEntry:
    """An approved or asked-for use; risk attaches to the use."""

    model_id: str
    id: str
    purpose: str
    users: tuple[str, ...] = ()
    prohibited: tuple[str, ...] = ()
    boundaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document pinned by its hash."""

    name: str
    kind: str
    sha256: str
    uri: str = ""
