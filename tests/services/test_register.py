"""Entering a model file: whole or not at all, once, with its artefact's hash and its gaps named."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import NotAuthorised, NotFound, PolicyError
from plumbline.domain.model_file import read_model_file
from plumbline.services.register import register
from plumbline.workflow import events as e

if TYPE_CHECKING:
    from tests.services.conftest import Desk

FILE = """
[model]
id = "sba-default"
name = "SBA loan default"
purpose = "Ranks small-business loans"
owner = "ana"
family = "credit_pd"
task = "binary"
[version]
id = "1.0"
artifact = "model.txt"
[log]
timestamp = "t"
score = "score"
label = "label"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "model.txt").write_text("tree", encoding="utf-8")
    path = tmp_path / "sba.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_model_version_and_use_enter_together_with_the_artefacts_hash(desk: Desk, file: Path) -> None:
    done = register(desk.ctx, read_model_file(file), desk.actor("ana"))
    kinds = [type(recorded.event) for recorded in done.events]
    assert kinds == [e.ModelRegistered, e.VersionRegistered, e.UseRegistered]
    version = done.events[1].event
    assert isinstance(version, e.VersionRegistered)
    assert version.version.artefact_sha256 == hashlib.sha256(b"tree").hexdigest()
    assert "developers" in done.gaps


def test_the_same_file_twice_changes_nothing(desk: Desk, file: Path) -> None:
    register(desk.ctx, read_model_file(file), desk.actor("ana"))
    before = desk.ctx.store.revision()
    assert register(desk.ctx, read_model_file(file), desk.actor("ana")).events == ()
    assert desk.ctx.store.revision() == before


def test_a_changed_field_is_an_event_with_before_and_after(desk: Desk, file: Path) -> None:
    register(desk.ctx, read_model_file(file), desk.actor("ana"))
    file.write_text(FILE.replace("Ranks small-business loans", "Prices loans"), encoding="utf-8")
    done = register(desk.ctx, read_model_file(file), desk.actor("ana"))
    amended = done.events[0].event
    assert isinstance(amended, e.ModelAmended)
    assert (amended.before, amended.after) == (
        {"purpose": "Ranks small-business loans"},
        {"purpose": "Prices loans"},
    )


def test_an_unknown_owner_is_refused_and_nothing_enters(desk: Desk, file: Path) -> None:
    before = desk.ctx.store.revision()
    file.write_text(FILE.replace('"ana"', '"nobody"'), encoding="utf-8")
    with pytest.raises(NotFound, match="no active person 'nobody'"):
        register(desk.ctx, read_model_file(file), desk.actor("ana"))
    assert desk.ctx.store.revision() == before


def test_an_absent_artefact_is_named(desk: Desk, file: Path) -> None:
    (file.parent / "model.txt").unlink()
    with pytest.raises(NotFound, match=r"artefact 'model.txt' is not there"):
        register(desk.ctx, read_model_file(file), desk.actor("ana"))


def test_a_role_that_may_not_is_refused(desk: Desk, file: Path) -> None:
    with pytest.raises(NotAuthorised, match="may not register model"):
        register(desk.ctx, read_model_file(file), desk.actor("val"))


def test_an_unknown_owner_is_refused_with_the_file(desk: Desk, file: Path) -> None:
    file.write_text(FILE.replace('owner = "ana"', 'owner = "nobody.here"'), encoding="utf-8")
    before = desk.ctx.store.revision()
    with pytest.raises(NotFound, match=r"'nobody.here'.*sba.toml"):
        register(desk.ctx, read_model_file(file), desk.actor("ana"))
    assert desk.ctx.store.revision() == before


def test_a_family_that_the_policy_does_not_know_is_not_entered(desk: Desk, file: Path) -> None:
    file.write_text(FILE.replace("credit_pd", "credit_dp"), encoding="utf-8")
    before = desk.ctx.store.revision()
    with pytest.raises(PolicyError, match=r"credit_dp.*credit_pd"):
        register(desk.ctx, read_model_file(file), desk.actor("ana"))
    assert desk.ctx.store.revision() == before
