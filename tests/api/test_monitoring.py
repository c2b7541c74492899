"""Runs that come from afar: only as `plumbline monitor` sends them, and nothing is kept of any other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.api.conftest import MODEL, Door

from plumbline.domain.people import Role

pytestmark = pytest.mark.anyio
ASKED = {"model_id": MODEL, "version_id": "1", "log": "mark", "marks": ["a"]}
FACTS = {"id": "r", "policy": "p", "source": "s", "rows": 1, "quarantined": 0}
RESULT = {
    "window": {"label": "w"},
    "measurement": {"metric": "psi", "estimate": "much"},
    "verdict": {"level": "green", "reason": "", "rule": "", "policy": "p"},
}
RUN: dict[str, Any] = {
    "model": MODEL,
    "version": "1",
    "log": {},
    "run": FACTS,
    "contents": [],
    "results": [],
    "account": "{}",
    "unmeasured": [],
    "only_new": True,
    "whole": False,
}


@pytest.mark.parametrize("path", ["/monitoring/known", "/monitoring/runs"])
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"7", b"{", b"\xff\xfe", b'{"model": 1}', json.dumps({**ASKED, "marks": 5}).encode()),
        *(json.dumps(RUN | {"contents": ["!"]}).encode(), json.dumps(RUN | {"contents": ["AAAA"]}).encode()),
        *(json.dumps(RUN | {"results": [{}]}).encode(), json.dumps(RUN | {"unmeasured": [1]}).encode()),
        json.dumps(RUN | {"account": '{"files": 1}'}).encode(),
        json.dumps(RUN | {"results": [RESULT]}).encode(),
    ],
)
async def test_what_is_no_run_changes_nothing(quiet_door: Door, path: str, body: bytes) -> None:
    quiet_door.token(Role.MODEL_OWNER)
    before = quiet_door.state()
    answer = await quiet_door.ask("POST", path, Role.MODEL_OWNER, content=body)
    assert answer.status_code == 422, answer.text
    assert "Traceback" not in answer.text
    assert quiet_door.state() == before


@pytest.mark.parametrize("path", ["/monitoring/known", "/monitoring/runs"])
async def test_a_stranger_is_not_listened_to(quiet_door: Door, path: str) -> None:
    assert (await quiet_door.ask("POST", path, content=b"{}")).status_code == 401


async def test_only_who_may_report_is_told_what_is_known(quiet_door: Door) -> None:
    refused = await quiet_door.ask("POST", "/monitoring/known", Role.AUDITOR, json=ASKED)
    assert (refused.status_code, refused.json()["rule"]) == (403, "role")
    absent = await quiet_door.ask("POST", "/monitoring/known", Role.MODEL_OWNER, json={**ASKED, "model_id": "none"})
    assert absent.status_code == 404
