"""The register as its readers ask for it: sorted by what needs attention, and as a choice of models."""

from __future__ import annotations

from plumbline.services import reach
from plumbline.services.context import Context
from plumbline.services.standing import standings
from plumbline.services.views.inventory import InventoryLine, InventoryView, Subject
from plumbline.services.views.standing import Check, Standing
from plumbline.services.views.status import marked


def subjects(ctx: Context) -> tuple[Subject, ...]:
    """Every model with at least one version, by name."""
    with ctx.store.read() as cursor:
        found = reach.registered(ctx, cursor)
    return tuple(
        Subject(one.model_id, one.name, one.tier, one.task, tuple(v for v, _ in one.versions), one.current)
        for one in found
        if one.versions
    )


def inventory(ctx: Context) -> InventoryView:
    """The page's view, what needs attention first."""
    found = standings(ctx)
    return InventoryView(_sentence(found), tuple(_line(one) for one in found))


def _sentence(found: tuple[Standing, ...]) -> str:
    used = [one for one in found if one.active]
    unapproved = [one for one in used if not one.approval_effective]
    models = f"{len(found)} model{'' if len(found) == 1 else 's'} registered, {len(used)} in use"
    if not unapproved:
        return f"{models}; every one in use has an effective approval." if used else f"{models}."
    return f"{models}; {len(unapproved)} of them without an effective approval."


def _line(one: Standing) -> InventoryLine:
    approval = one.of(Check.APPROVAL)
    return InventoryLine(
        model_id=one.about.model_id,
        version=one.version,
        level=one.level,
        status=marked(one.level),
        model=one.about.name,
        tier=one.about.tier,
        stage=one.stage,
        owner=one.about.owner,
        family=one.about.family.replace("_", " "),
        business_line=one.about.business_line,
        approval=marked(approval.level, approval.words),
        approved_until=one.approved_until.date() if one.approved_until else None,
        next_due=one.next_due,
        next_due_what=one.next_due_what,
        findings=one.findings,
        checks=tuple(state.level for state in one.checks),
    )
