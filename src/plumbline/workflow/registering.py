"""Deciders of the register: models, versions, uses; the same entry twice is no event."""

from __future__ import annotations

import json
from typing import Any

from plumbline.domain.errors import EvidenceMissing, NotFound, TransitionNotAllowed
from plumbline.domain.log_spec import Task
from plumbline.domain.models import (
    DOMAINS,
    ENTITY_ID,
    ID_WORDS,
    VERSION_ID,
    VERSION_WORDS,
    ModelEntry,
    Stage,
    VersionEntry,
)
from plumbline.domain.payload import to_plain
from plumbline.domain.toml_table import BEYOND
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
    _check_entry(command.entry, situation)
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
    _check_version(command.version)
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
    _check_id(command.use.id, "use")
    _filled(command.use.purpose, "A use needs a purpose")
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


def _check_id(entity_id: str, what: str) -> None:
    if not ENTITY_ID.fullmatch(entity_id):
        raise EvidenceMissing(f"'{entity_id[:80]}' cannot be the id of a {what}", remedy=f"Use {ID_WORDS}.")


def _filled(text: str, what: str) -> None:
    if not text.strip():
        raise EvidenceMissing(what, remedy="Say it in words.")


def _check_entry(entry: ModelEntry, situation: Situation) -> None:
    _check_id(entry.id, "model")
    _filled(entry.name, "A model needs a name")
    _filled(entry.purpose, "A model needs a purpose")
    families = situation.policy.thresholds.families
    for what, value, known in (
        ("task", entry.task, [task.value for task in Task]),
        ("decision domain", entry.decision_domain, DOMAINS),
        ("family", entry.family, families),
    ):
        if value not in known:
            raise EvidenceMissing(f"There is no {what} '{value}'", remedy=f"Use one of: {', '.join(known)}.")
    for figure in (entry.exposure_amount or 0, entry.decisions_per_year or 0):
        if not 0 <= figure < BEYOND:
            raise EvidenceMissing(
                f"Exposure or decisions a year are {figure}", remedy="Write a number that is not negative, or none."
            )


def _check_version(version: VersionEntry) -> None:
    if not VERSION_ID.fullmatch(version.id):
        raise EvidenceMissing(f"'{version.id[:80]}' cannot be the id of a version", remedy=f"Use {VERSION_WORDS}.")
    if version.spec_json and not _is_table(version.spec_json):
        raise EvidenceMissing("The version's specification is no JSON object", remedy="Register it by a model file.")


def _is_table(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _registered(state: ModelState) -> None:
    if state.entry is None:
        raise NotFound(f"There is no model '{state.id}'", remedy="Register the model first.")


def _known_people(entry: ModelEntry, situation: Situation) -> None:
    named = (entry.owner, *entry.developers, entry.validator, entry.accountable_executive, entry.independent_member)
    for user_id in filter(None, named):
        the_person(situation, user_id)
