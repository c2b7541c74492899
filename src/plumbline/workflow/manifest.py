"""Manifests: evidence pinned by hash, and the binding part whose change voids an approval."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from plumbline.domain.chain import canonical_json, sha256
from plumbline.domain.payload import to_plain
from plumbline.domain.signoff import Manifest, ManifestItem
from plumbline.workflow.state import CaseState, ModelState


def item(
    kind: str, identity: str, content: Any, *, recorded_at: datetime, version: str = "", binding: bool = False
) -> ManifestItem:
    """Evidence as canonical JSON text with the hash of exactly that text."""
    text = canonical_json(to_plain(content))
    return ManifestItem(kind, identity, version, sha256(text), recorded_at, text, binding)


def pin(case_id: str, pinned_at: datetime, items: Iterable[ManifestItem]) -> Manifest:
    """The manifest of these items; its hash depends on what they say, not on when they were collected."""
    ordered = tuple(sorted(items, key=lambda i: (i.kind, i.id, i.version)))
    return Manifest(manifest_hash(ordered), case_id, pinned_at, ordered)


def manifest_hash(items: Iterable[ManifestItem]) -> str:
    """SHA-256 of the canonical list of (kind, id, version, sha256)."""
    return sha256(canonical_json(sorted([i.kind, i.id, i.version, i.sha256] for i in items)))


def governance_items(state: ModelState, case: CaseState) -> tuple[ManifestItem, ...]:
    """The evidence that the model's own log holds: entry, documents, findings, and all that binds."""
    if state.entry is None or state.registered_at is None:
        return ()
    at = state.registered_at
    entry = item("entry", state.id, state.entry, recorded_at=at)
    documents = [item("document", d.name, d, recorded_at=case.opened_at) for d in case.documents]
    findings = [
        item("finding", f.id, f, version=f.status, recorded_at=f.closed_at or f.opened_at)
        for f in state.open_findings(case.version_id)
    ]
    return (entry, *documents, *findings, *binding_items(state, case))


def binding_items(state: ModelState, case: CaseState) -> tuple[ManifestItem, ...]:
    """Artefact, use with its boundaries, limits and tier, signed report: what an approval is an approval of."""
    version, use = state.versions[case.version_id], state.uses[case.use_id]
    artefact = {"artefact": version.entry.artefact, "sha256": version.entry.artefact_sha256}
    limits = {"tier": state.tier, "limitations": state.entry.limitations if state.entry else ()}
    found = [
        item("artefact", version.entry.id, artefact, recorded_at=version.registered_at, binding=True),
        item("use", use.id, use, recorded_at=version.registered_at, binding=True),
        item("limits", state.id, limits, recorded_at=version.registered_at, binding=True),
    ]
    if case.report:
        signed_at = case.report.signature.signed_at
        found.append(item("report", case.id, report_content(state, case), recorded_at=signed_at, binding=True))
    return tuple(found)


def report_content(state: ModelState, case: CaseState) -> dict[str, Any]:
    """The signed report as the approvers read it."""
    if case.report is None:
        return {}
    return {
        "outcome": case.report.outcome,
        "independence": case.report.independence,
        "signature": case.report.signature,
        "tier": state.tier,
    }


def binding_hash(state: ModelState, case: CaseState) -> str:
    """Changes exactly when something changes that the approval was given for."""
    return sha256(canonical_json(sorted([i.kind, i.id, i.sha256] for i in binding_items(state, case))))


def read_content(pinned: ManifestItem) -> Any:
    """The pinned text as the value it holds."""
    return json.loads(pinned.content)
