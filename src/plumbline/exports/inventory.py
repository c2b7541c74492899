"""The inventory as an examiner asks for it: every model and version, every field, as it stands now."""

from __future__ import annotations

from typing import Any

from plumbline.domain.chain import canonical_json
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Actor
from plumbline.exports.handover import Export, hand_over, stamp
from plumbline.reports.spreadsheet import as_csv
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.reach import reached, within
from plumbline.store import log
from plumbline.workflow.state import ModelState, VersionState


def csv(ctx: Context, actor: Actor) -> Export:
    """One line a version; the stamp travels beside the file, because a table has no place for it."""
    found = rows(within(ctx, actor))
    return hand_over(
        ctx, actor, as_csv(found), stamp(ctx, actor, kind="inventory", subject=_subject(actor), rows=len(found))
    )


def json(ctx: Context, actor: Actor) -> Export:
    """The same rows with the stamp in the file."""
    found = rows(within(ctx, actor))
    stamped = stamp(ctx, actor, kind="inventory", subject=_subject(actor), rows=len(found))
    body = {"stamp": to_plain(stamped), "cautions": list(stamped.cautions), "rows": found}
    return hand_over(ctx, actor, canonical_json(body).encode(), stamped)


def _subject(actor: Actor) -> str:
    """The filter, as the stamp tells it."""
    return ", ".join(scope.label for scope in actor.reach()) or "all"


def rows(ctx: Context) -> list[dict[str, Any]]:
    """Models without a version stand there too, with the version's fields empty: the examiner counts models."""
    with ctx.store.read() as cursor:
        states = [state_of(cursor, model_id) for model_id in reached(ctx, cursor, log.entities(cursor, "model"))]
    return [_row(state, version) for state in states for version in (*state.versions.values(),) or (None,)]


def _row(state: ModelState, version: VersionState | None) -> dict[str, Any]:
    entry: dict[str, Any] = to_plain(state.entry) if state.entry else {}
    uses = {"uses": [to_plain(use) for use in state.uses.values()]}
    tier = {"tier": state.tier.value, "tier_because": state.tier_because}
    return entry | tier | uses | _version(state, version)


def _version(state: ModelState, version: VersionState | None) -> dict[str, Any]:
    cases = state.cases_of(version.entry.id) if version else ()
    granted = [case for case in cases if case.expires_at]
    return {
        "version": version.entry.id if version else None,
        "stage": version.stage.value if version else None,
        "stage_since": to_plain(version.stage_since) if version else None,
        "artefact": version.entry.artefact if version else None,
        "artefact_sha256": version.entry.artefact_sha256 if version else None,
        "code_ref": version.entry.code_ref if version else None,
        "training_data_ref": version.entry.training_data_ref if version else None,
        "target": version.entry.target if version else None,
        "approval_until": to_plain(granted[-1].expires_at) if granted else None,
        "open_findings": len(state.open_findings(version.entry.id)) if version else 0,
    }
