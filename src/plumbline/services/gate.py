"""The question a deployment asks: is this artefact approved for this use at this moment?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plumbline.domain.errors import NotFound
from plumbline.domain.payload import to_plain
from plumbline.services.clock import today
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.register import file_sha256
from plumbline.workflow.approval import Approval, approval


@dataclass(frozen=True, slots=True)
class Gate:
    """Open exactly when `reasons` is empty."""

    reasons: tuple[str, ...]
    approval: Approval

    @property
    def open(self) -> bool:
        return not self.reasons

    def as_json(self) -> dict[str, Any]:
        """As the API and `plumbline gate --json` tell it."""
        until = to_plain(self.approval.expires_at)
        return {"open": self.open, "reasons": list(self.reasons), "case": self.approval.case_id, "expires_at": until}


def gate(
    ctx: Context, model_id: str, version_id: str, *, use_id: str | None = None, artefact_sha256: str | None = None
) -> Gate:
    """NotFound for a model, version or use that is not there; every other "no" is an answer with its reasons."""
    with ctx.store.read() as cursor:
        state = state_of(cursor, model_id)
    if version_id not in state.versions:
        raise NotFound(f"There is no version {version_id} of a model '{model_id}'", remedy="Check the names.")
    if use_id is not None and use_id not in state.uses:
        raise NotFound(f"Model {model_id} has no use '{use_id}'", remedy=f"It has: {', '.join(state.uses) or 'none'}.")
    found = approval(state, version_id, today(ctx).now, use_id=use_id)
    wrong = _wrong_artefact(state.versions[version_id].entry.artefact_sha256, artefact_sha256)
    return Gate((*found.reasons, *wrong), found)


def hash_of(artefact: Path) -> str:
    """The SHA-256 of the file about to be deployed; NotFound where there is none."""
    if not artefact.is_file():
        raise NotFound("There is no such artefact", where=str(artefact), remedy="Check the path.")
    return file_sha256(artefact)


def _wrong_artefact(approved: str, actual: str | None) -> tuple[str, ...]:
    if actual is None or actual == approved:
        return ()
    return (f"The artefact's hash is {actual[:12]}, the registered one is {approved[:12] or '(none)'}.",)
