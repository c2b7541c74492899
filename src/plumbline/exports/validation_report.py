"""The validation report of a case as one page to print and file, made from the evidence that was signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plumbline.domain.errors import NotFound
from plumbline.domain.people import Actor
from plumbline.domain.signoff import Manifest
from plumbline.exports.handover import Export, hand_over, stamp
from plumbline.reports.validation_report import page
from plumbline.services.approvals import case_view
from plumbline.services.context import Context
from plumbline.services.evidence import manifest_of, state_of
from plumbline.services.reach import within
from plumbline.services.views.validation_report import Fact, FindingLine, ValidationReport

# Fields of the entry in the report's order (model-risk practice: description, scope, assumptions, limits).
TOLD = (
    "purpose", "description", "technique", "family", "task", "origin", "vendor_name", "business_line", "legal_entity",
    "jurisdictions", "owner", "developers", "validator", "automation", "affects_people", "decision_domain",
    "data_sources", "personal_data", "assumptions", "limitations",
)  # fmt: skip


def html(ctx: Context, actor: Actor, case_id: str) -> str:
    """The page for a download button; see `export`."""
    return export(ctx, actor, case_id).content.decode()


def newest_case(ctx: Context, model_id: str) -> str:
    """The case opened last about a model; NotFound without any."""
    with ctx.store.read() as cursor:
        cases = state_of(cursor, model_id).cases
    if not cases:
        raise NotFound(f"There is no case about '{model_id}'", remedy="Submit a version for validation first.")
    return max(cases.values(), key=lambda case: case.opened_at).id


def export(ctx: Context, actor: Actor, case_id: str) -> Export:
    """The report as self-contained HTML with its signature block; NotFound for an unknown case."""
    case = case_view(within(ctx, actor), case_id, actor.user_id)
    manifest = manifest_of(ctx, case_id)
    subject = f"case {case_id}, {case.model_id} {case.version}"
    stamped = stamp(
        ctx, actor, kind="validation-report", subject=subject, rows=len(manifest.items), model_id=case.model_id
    )
    report = ValidationReport(case, _facts(manifest), _findings(manifest), stamped)
    return hand_over(ctx, actor, page(report).encode(), stamped)


def _facts(manifest: Manifest) -> tuple[Fact, ...]:
    entries = [json.loads(item.content) for item in manifest.items if item.kind == "entry"]
    entry: Mapping[str, Any] = entries[0] if entries else {}
    return tuple(Fact(_title(name), _words(entry[name])) for name in TOLD if entry.get(name) not in (None, "", []))


def _findings(manifest: Manifest) -> tuple[FindingLine, ...]:
    found = [json.loads(item.content) for item in manifest.items if item.kind == "finding"]
    return tuple(
        FindingLine(
            severity=one["severity"],
            status=_title(one["status"]).lower(),
            title=one["title"],
            description=one["description"],
            owner=one["owner"],
            due=one["current_due"],
        )
        for one in found
    )


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    # Codes such as human_in_loop are words to a reader; sentences hold no underscores.
    return str(value).replace("_", " ")
