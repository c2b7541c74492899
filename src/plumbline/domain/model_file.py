"""The model file: one TOML text that says what a model is, who answers for it, and how its log reads."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec, Task, check_sense, parse_log
from plumbline.domain.models import (
    DOMAINS,
    ENTITY_ID,
    ID_WORDS,
    VERSION_ID,
    VERSION_WORDS,
    Automation,
    ModelEntry,
    Origin,
    TierInputs,
    UseEntry,
    VersionEntry,
)
from plumbline.domain.toml_table import Table
from plumbline.domain.toml_text import read_toml

# What section "inventory" asks of every model and the shortest file leaves out.
MANDATORY = (
    *("description", "origin", "technique", "business_line", "legal_entity", "jurisdictions", "developers"),
    *("automation", "affects_people", "decision_domain", "data_sources", "tier_inputs"),
)
_SCORES = (
    *("exposure", "purpose", "assumptions", "complexity", "input_quality", "data_constraints"),
    "explainability_and_autonomy",
)
# A question that nobody answered counts as its most careful answer, never as the easiest.
_UNANSWERED = 5


@dataclass(frozen=True, slots=True)
class ExplainSpec:
    """`[explain]`: declared directions (1 or -1 by column) and columns that a counterfactual leaves alone."""

    monotone: dict[str, int]
    immutable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A model file, read and checked; `gaps` names the mandatory inventory fields that it leaves out."""

    path: Path
    model: ModelEntry
    version: VersionEntry  # artefact as written; not hashed here
    uses: tuple[UseEntry, ...]
    log: LogSpec
    explain: ExplainSpec
    sources: dict[str, tuple[str, ...]]  # data source -> the columns that come from it, where the file says so
    gaps: tuple[str, ...]
    sha256: str

    @property
    def artefact_path(self) -> Path | None:
        """Where the artefact lies, relative to the model file."""
        return self.path.parent / self.version.artefact if self.version.artefact else None


def read_model_file(path: Path | str) -> ModelFile:
    """Read a model file.

    Raises:
        LogError: not there, not TOML, an unknown key (with the nearest known one), or a value that cannot be.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
        raw = read_toml(content)
    except OSError as error:
        raise LogError(
            f"The model file cannot be read: {error.strerror}", where=str(file), remedy="Check the path."
        ) from None
    except ValueError as error:
        raise LogError(f"The model file is not TOML: {error}", where=str(file), remedy="Correct that place.") from None
    return parse_model_file(raw, path=file, sha256=hashlib.sha256(content).hexdigest())


def parse_model_file(raw: dict[str, Any], *, path: Path, sha256: str) -> ModelFile:
    """A model file from its parsed TOML; errors as `read_model_file`."""
    top = Table(raw, file=str(path), path="")
    model_table = _required(top, "model")
    gaps = [key for key in MANDATORY if not model_table.has(key)]
    model = _model(model_table)
    version = _version(_required(top, "version"), model.id, _spec_json(raw))
    log_table = _required(top, "log")
    log = parse_log(log_table, Task(model.task), top.tables("metrics"))
    check_sense(log_table, log)
    uses = _uses(top, model.id)
    if not uses:
        gaps.append("use")
        uses = (UseEntry(model_id=model.id, id="primary", purpose=model.purpose),)
    explain, sources = _explain(top), _sources(top, model)
    top.close()
    return ModelFile(
        path=path,
        model=model,
        version=version,
        uses=uses,
        log=log,
        explain=explain,
        sources=sources,
        gaps=tuple(gaps),
        sha256=sha256,
    )


def _required(top: Table, key: str) -> Table:
    inner = top.table(key)
    if inner is None:
        # A misspelt table explains the missing one better than its absence does.
        for known in ("model", "version", "log", "explain", "sources", "metrics", "use"):
            top.has(known)
        top.close()
        raise top.refuse(f"[{key}]", "is missing", f"Add a [{key}] table.")
    inner.path = f"[{key}]"
    return inner


def _model(table: Table) -> ModelEntry:
    named: dict[str, Any] = {key: table.text(key) for key in ("name", "purpose", "owner", "family")}
    named |= {key: table.text(key, "") for key in _PLAIN}
    named |= {key: table.texts(key) for key in _LISTS}
    entry = ModelEntry(
        id=_slug(table, "id"),
        **named,
        task=table.choice("task", [task.value for task in Task]),
        origin=table.member("origin", Origin, Origin.INTERNAL),
        automation=table.member("automation", Automation, Automation.FULLY_AUTOMATED),
        affects_people=table.flag("affects_people", True),
        decision_domain=table.choice("decision_domain", DOMAINS, "other"),
        personal_data=table.flag("personal_data", False),
        special_category=table.flag("special_category", False),
        exposure_amount=_not_negative(table, "exposure_amount", table.number("exposure_amount")),
        decisions_per_year=_decisions(table),
        retention_class=table.text("retention_class", "10 years"),
        tier_inputs=_tier_inputs(table),
    )
    table.close()
    return entry


def _decisions(table: Table) -> int | None:
    if not table.has("decisions_per_year"):
        return None
    found = table.whole("decisions_per_year", 0)
    _not_negative(table, "decisions_per_year", found)
    return found


def _not_negative(table: Table, key: str, value: float | None) -> float | None:
    if value is not None and value < 0:
        raise table.refuse(key, f"is {value}", "It is not negative; leave it out where nobody knows it.")
    return value


_PLAIN = (
    *("description", "technique", "business_line", "legal_entity", "vendor_name", "validator"),
    *("accountable_executive", "independent_member", "exposure_currency"),
)
_LISTS = ("jurisdictions", "developers", "data_sources", "limitations", "assumptions")


def _tier_inputs(table: Table) -> TierInputs:
    inner = table.table("tier_inputs") or Table({}, file="", path="")
    scores = {key: inner.whole(key, _UNANSWERED) for key in _SCORES}
    for key, score in scores.items():
        if not 1 <= score <= 5:
            raise inner.refuse(key, f"is {score}", "Scores run from 1 (low) to 5 (high).")
    found = TierInputs(**scores, rationale=inner.text("rationale", ""), flags=inner.texts("flags"))
    inner.close()
    return found


def _version(table: Table, model_id: str, spec_json: str) -> VersionEntry:
    version_id = table.text("id")
    if not VERSION_ID.fullmatch(version_id):
        raise table.refuse("id", f"is {version_id!r}", f"Use {VERSION_WORDS}: '2.1'.")
    entry = VersionEntry(
        model_id=model_id,
        id=version_id,
        artefact=table.text("artifact", ""),
        code_ref=table.text("code_ref", ""),
        training_data_ref=table.text("training_data_ref", ""),
        target=table.text("target", ""),
        trained_at=table.moment("trained_at"),
        spec_json=spec_json,
    )
    table.close()
    return entry


def _uses(top: Table, model_id: str) -> tuple[UseEntry, ...]:
    uses = tuple(_use(each, model_id) for each in top.tables("use"))
    names = [use.id for use in uses]
    for name in names:
        if names.count(name) > 1:
            raise top.refuse("[[use]] id", f"two uses are called '{name}'", "Give each use an id of its own.")
    return uses


def _use(table: Table, model_id: str) -> UseEntry:
    lists = {key: table.texts(key) for key in ("users", "prohibited", "boundaries")}
    entry = UseEntry(model_id=model_id, id=_slug(table, "id"), purpose=table.text("purpose"), **lists)
    table.close()
    return entry


def _explain(top: Table) -> ExplainSpec:
    table = top.table("explain")
    if table is None:
        return ExplainSpec({}, ())
    inner = table.table("monotone")
    monotone = {name: inner.whole(name, 0) for name in inner.names()} if inner else {}
    for name, direction in monotone.items():
        if direction not in (-1, 1):
            raise table.refuse(f"monotone.{name}", f"is {direction}", "1 = never falls, -1 = never rises.")
    spec = ExplainSpec(monotone, table.texts("immutable"))
    table.close()
    return spec


def _sources(top: Table, model: ModelEntry) -> dict[str, tuple[str, ...]]:
    """Each a data source of the model; a column comes from one of them."""
    table = top.table("sources")
    if table is None:
        return {}
    found = {name: table.texts(name) for name in table.names()}
    for name in found:
        if name not in model.data_sources:
            raise table.refuse(name, "is no data source of the model", "Name it under data_sources as well.")
    columns = [column for each in found.values() for column in each]
    for column in columns:
        if columns.count(column) > 1:
            raise table.refuse(column, "comes from two sources", "Name it under one.")
    table.close()
    return found


def _slug(table: Table, key: str) -> str:
    value = table.text(key)
    if not ENTITY_ID.fullmatch(value):
        raise table.refuse(key, f"is {value!r}", f"Use {ID_WORDS}: 'sba-default'.")
    return value


def _spec_json(raw: dict[str, Any]) -> str:
    kept = {key: raw[key] for key in ("log", "metrics", "explain", "sources") if key in raw}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
