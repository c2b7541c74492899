"""Deciders of the register: models, versions, uses; the same entry twice is no event."""

from __future__ import annotations

from typing import Any

from plumbline.domain.errors import NotFound, TransitionNotAllowed
from plumbline.domain.models import ModelEntry, Stage
from plumbline.domain.payload import to_plain
from plumbline.policy.tiering import TierResult, tier
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.guards import connected, the_person, words
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import ModelState

Events = tuple[e.Event, ...]

# A version's content is fixed once reviewers have it; what runs later must be another version.
AMENDABLE = (Stage.PROPOSED, Stage.IN_DEVELOPMENT)


def register_model(state: ModelState, command: c.RegisterModel, situation: Situation) -> Events:
    _about(state, command.entry.id)
    _known_people(command.entry, situation)
    decided = _tier(command.entry, situation)
    if state.entry is None:
        return (e.ModelRegistered(entry=command.entry, tier=decided.tier, tier_because=decided.because),)
    connected(state, situation.actor)
    before, after = difference(state.entry, command.entry)
    if not after:
        return ()
    return (
        e.ModelAmended(
            entry=command.entry, tier=decided.tier, tier_because=decided.because, before=before, after=after
        ),
    )


def register_version(state: ModelState, command: c.RegisterVersion, situation: Situation) -> Events:
    _about(state, command.version.model_id)
    _registered(state)
    connected(state, situation.actor)
    known = state.versions.get(command.version.id)
    if known is None:
        return (e.VersionRegistered(version=command.version),)
    before, after = difference(known.entry, command.version)
    if not after:
        return ()
    if known.stage not in AMENDABLE:
        raise TransitionNotAllowed(
            f"Version {command.version.id} is {words(known.stage)}, so {', '.join(sorted(after))} cannot change",
            where=state.id,
            remedy="Register the change as a new version.",
        )
    return (e.VersionAmended(version=command.version, before=before, after=after),)


def register_use(state: ModelState, command: c.RegisterUse, situation: Situation) -> Events:
    _about(state, command.use.model_id)
    _registered(state)
    connected(state, situation.actor)
    known = state.uses.get(command.use.id)
    if known is None:
        return (e.UseRegistered(use=command.use),)
    before, after = difference(known, command.use)
    return (e.UseAmended(use=command.use, before=before, after=after),) if after else ()


def difference(old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, before and after."""
    plain_old, plain_new = to_plain(old), to_plain(new)
    changed = [name for name in plain_new if plain_new[name] != plain_old[name]]
    return {name: plain_old[name] for name in changed}, {name: plain_new[name] for name in changed}


def _tier(entry: ModelEntry, situation: Situation) -> TierResult:
    return tier(entry.tier_inputs, situation.policy, automation=entry.automation, affects_people=entry.affects_people)


def _about(state: ModelState, model_id: str) -> None:
    # Else a command about one's own model could rewrite somebody else's.
    if model_id != state.id:
        raise NotFound(f"The entry is about '{model_id}', the request about '{state.id}'", remedy="Name one model.")


def _registered(state: ModelState) -> None:
    if state.entry is None:
        raise NotFound(f"There is no model '{state.id}'", remedy="Register the model first.")


def _known_people(entry: ModelEntry, situation: Situation) -> None:
    named = (entry.owner, *entry.developers, entry.validator, entry.accountable_executive, entry.independent_member)
    for user_id in filter(None, named):
        the_person(situation, user_id)
