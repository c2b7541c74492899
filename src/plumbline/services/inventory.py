"""The register as its readers ask for it."""

from __future__ import annotations

from plumbline.services.context import Context
from plumbline.services.views.inventory import Subject
from plumbline.store import inventory as store


def subjects(ctx: Context) -> tuple[Subject, ...]:
    """Every model with at least one version, by name."""
    with ctx.store.read() as cursor:
        found = store.registered(cursor)
    return tuple(
        Subject(one.model_id, one.name, one.tier, one.task, tuple(v for v, _ in one.versions), _current(one))
        for one in found
        if one.versions
    )


def _current(model: store.Registered) -> str:
    """The version in use; without one, the version registered last."""
    active = [version for version, stage in model.versions if stage.active]
    return active[-1] if active else model.versions[-1][0]
