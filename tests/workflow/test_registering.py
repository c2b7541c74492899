"""The register: what is the same twice is no event, what differs says before and after, what is fixed stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotAuthorised, NotFound, TransitionNotAllowed
from plumbline.domain.models import Tier
from plumbline.workflow import commands as c
from plumbline.workflow import events as e

if TYPE_CHECKING:
    from tests.workflow.conftest import History


def test_the_same_entry_twice_is_no_event(history: History) -> None:
    state = history.state
    assert state.entry
    assert history.ask("ana", c.RegisterModel(entry=state.entry)) == ()
    assert history.ask("ana", c.RegisterVersion(version=state.versions["1"].entry)) == ()
    assert history.ask("ana", c.RegisterUse(use=state.uses["ranking"])) == ()


def test_a_changed_field_says_before_and_after_and_tiers_anew(history: History) -> None:
    assert history.state.entry
    inputs = replace(history.state.entry.tier_inputs, exposure=1, purpose=1, complexity=1)
    (event,) = history.ask("ana", c.RegisterModel(entry=replace(history.state.entry, tier_inputs=inputs)))
    assert isinstance(event, e.ModelAmended)
    assert list(event.after) == ["tier_inputs"]
    assert (event.before["tier_inputs"]["exposure"], event.after["tier_inputs"]["exposure"]) == (5, 1)
    assert event.tier is Tier.THREE


def test_a_submitted_version_is_fixed(history: History) -> None:
    changed = replace(history.submitted().state.versions["1"].entry, artefact_sha256="b2")
    with pytest.raises(TransitionNotAllowed, match="artefact_sha256 cannot change"):
        history.ask("ana", c.RegisterVersion(version=changed))


def test_a_request_about_one_model_does_not_rewrite_another(history: History) -> None:
    assert history.state.entry
    for command in (
        c.RegisterModel(model_id="m", entry=replace(history.state.entry, id="other")),
        c.RegisterUse(model_id="m", use=replace(history.state.uses["ranking"], model_id="other")),
    ):
        with pytest.raises(NotFound, match="The entry is about 'other', the request about 'm'"):
            history.ask("ana", command)


def test_an_unknown_owner_is_refused(history: History) -> None:
    assert history.state.entry
    with pytest.raises(NotFound, match="no active person 'nobody'"):
        history.ask("ana", c.RegisterModel(entry=replace(history.state.entry, owner="nobody")))


def test_who_has_no_part_in_the_model_does_not_change_it(history: History) -> None:
    assert history.state.entry
    with pytest.raises(NotAuthorised, match="neither owns nor develops"):
        history.ask("zoe", c.RegisterUse(use=history.state.uses["ranking"]))
