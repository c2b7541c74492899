"""Entering a model file: model, version and uses in one transaction; the same file twice changes nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from plumbline.domain.errors import NotFound
from plumbline.domain.model_file import ModelFile
from plumbline.domain.models import VersionEntry
from plumbline.domain.people import Actor
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.services.judging import require_known
from plumbline.workflow import commands as c
from plumbline.workflow.events import Recorded


@dataclass(frozen=True, slots=True)
class Registration:
    """What changed (nothing, if the file was entered before) and which mandatory fields the file leaves out."""

    model_id: str
    version_id: str
    events: tuple[Recorded, ...]
    gaps: tuple[str, ...]


def register(ctx: Context, model_file: ModelFile, actor: Actor) -> Registration:
    """Enter what the file says.

    Raises:
        NotFound: the owner or another named person is not in the register, or the artefact is not there.
        PolicyError: the policy knows nothing of the model's family.
        NotAuthorised, TransitionNotAllowed: as `handle`; nothing was changed.
    """
    require_known(model_file, ctx.policy)
    version = hashed(model_file)
    commands: list[c.Command] = [
        c.RegisterModel(model_id=model_file.model.id, entry=model_file.model),
        c.RegisterVersion(model_id=model_file.model.id, version=version),
        *(c.RegisterUse(model_id=model_file.model.id, use=use) for use in model_file.uses),
    ]
    try:
        events = handle_together(ctx, commands, actor)
    except NotFound as missing:
        raise NotFound(missing.what, where=missing.where or str(model_file.path), remedy=missing.remedy) from None
    return Registration(model_file.model.id, version.id, events, model_file.gaps)


def hashed(model_file: ModelFile) -> VersionEntry:
    """The file's version with its artefact's SHA-256."""
    path = model_file.artefact_path
    if path is None:
        return model_file.version
    if not path.is_file():
        raise NotFound(
            f"The artefact '{model_file.version.artefact}' is not there",
            where=str(model_file.path),
            remedy="Correct [version] artifact, or leave it out for a model whose artefact you do not hold.",
        )
    return replace(model_file.version, artefact_sha256=file_sha256(path))


def file_sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
