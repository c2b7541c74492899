"""Scripts of people whose roles reach some models alone, over the API."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.api.conftest import MODEL, Door, entry
from tests.api.test_commands import WHOLE

from plumbline.api.commands import ASKED, name_of
from plumbline.domain.people import Actor, Role, Scope, ScopeKind
from plumbline.services.governance import handle, handle_together
from plumbline.workflow import commands as c
from plumbline.workflow.decide import ABOUT_PEOPLE
from plumbline.workflow.permissions import PERMITTED

pytestmark = pytest.mark.anyio
ELSEWHERE = Scope(ScopeKind.BUSINESS_LINE, "Elsewhere")
ADMIN = Actor("administrator", "Administrator", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))
CELLS = [(kind, role) for kind in ASKED if kind not in ABOUT_PEOPLE for role in sorted(PERMITTED[kind])]


@pytest.fixture(scope="module")
def narrow_door(quiet_door: Door) -> Door:
    """Everybody's role but the administrator's is one for another line from here on."""
    for role in set(Role) - {Role.ADMINISTRATOR}:
        changed = [
            c.RevokeRole(user_id=role.value, role=role, reason="moved"),
            c.GrantRole(user_id=role.value, role=role, scope=ELSEWHERE),
        ]
        handle_together(quiet_door.ctx, changed, ADMIN)
    return quiet_door


@pytest.mark.parametrize(("kind", "role"), CELLS, ids=str)
async def test_a_role_for_another_line_is_refused_and_it_stands_in_the_log(
    narrow_door: Door, kind: type[c.Command], role: Role
) -> None:
    narrow_door.token(role)
    asked = WHOLE[kind] if kind is not c.RegisterModel else {"entry": {**WHOLE[kind]["entry"], "id": MODEL}}
    before, refusals = narrow_door.state(), narrow_door.refusals()
    answer = await narrow_door.ask("POST", f"/commands/{name_of(kind)}", role, json=asked)
    assert (answer.status_code, answer.json().get("rule")) == (403, "scope"), answer.text
    assert "for business line Elsewhere alone" in answer.json()["title"]
    assert narrow_door.state() == before
    assert narrow_door.refusals() == refusals + 1


async def test_the_other_models_are_not_there(narrow_door: Door) -> None:
    role = Role.MODEL_RISK_OFFICER
    new = c.RegisterModel(entry=replace(entry("else"), business_line="Elsewhere"))
    handle(narrow_door.ctx, new, Actor(role.value, role.label, role, (role,)))
    listed = (await narrow_door.ask("GET", "/models", role)).json()
    assert [row["id"] for row in listed["models"]] == ["else"]
    assert (await narrow_door.ask("GET", "/models/else", role)).is_success
    for path in (f"/models/{MODEL}", f"/models/{MODEL}/versions/1/results", f"/gate/{MODEL}/1"):
        assert (await narrow_door.ask("GET", path, role)).status_code == 404, path
    assert (await narrow_door.ask("GET", "/events", role)).status_code == 403
    assert (await narrow_door.ask("GET", "/events?entity_id=else", role)).is_success
