"""Verify: an honest store holds; each kind of tampering is found where it was done."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.chain import as_json, link
from plumbline.domain.errors import LogError, NotFound
from plumbline.domain.results import Window
from plumbline.services import integrity
from plumbline.services.integrity import Check
from plumbline.store import log

if TYPE_CHECKING:
    from tests.services.conftest import Desk

WINDOW = Window("2026-09", datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))


def failed(desk: Desk) -> list[Check]:
    return [check for check in integrity.verify(desk.ctx).checks if not check.holds]


def tamper(desk: Desk, *statements: str) -> None:
    """As somebody would who has the file: the triggers are only a seat belt."""
    for table in ("event", "result", "profile", "manifest_item"):
        for kind in ("update", "delete"):
            desk.ctx.store.connection.execute(f"drop trigger {table}_no_{kind} on {table}")
    for statement in statements:
        desk.ctx.store.connection.execute(statement)


def test_an_honest_store_holds_and_names_its_head(desk: Desk) -> None:
    desk.monitor("r1", 0.05)
    found = integrity.verify(desk.ctx)
    assert (found.holds, found.seq) == (True, desk.ctx.store.revision())
    assert [check.name for check in found.checks] == [
        *("event log", "access log", "anchors", "tables", "monitoring", "manifests", "explanations"),
    ]


def test_each_proof_is_told_before_it_is_made(desk: Desk) -> None:
    told: list[tuple[int, int, str]] = []
    found = integrity.verify(desk.ctx, progress=lambda *step: told.append(step))
    assert told == [*((at, 7, check.name) for at, check in enumerate(found.checks)), (7, 7, "")]


def test_what_a_broken_log_leaves_unproved_is_not_told(desk: Desk) -> None:
    tamper(desk, "update event set actor = 'ann' where seq = 5")
    told: list[str] = []
    assert not integrity.verify(desk.ctx, progress=lambda _done, _total, name: told.append(name)).holds
    assert told == ["event log", "access log", "anchors", ""]


def test_scenario_17_a_changed_event_is_named(desk: Desk) -> None:
    tamper(desk, "update event set actor = 'ann' where seq = 5")
    (check,) = failed(desk)
    assert (check.name, check.seq, check.found) == (
        "event log",
        5,
        "entry 5 is broken: its columns differ from its record",
    )


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "update event set record = replace(record, 'plumbline', 'eve') where seq = 21",
            "its record does not give its hash",
        ),
        ("update event set payload = 'gone' where seq = 21", "its columns differ from its record"),
        ("delete from event where seq = 21", "entry 21 is missing"),
    ],
)
def test_every_way_of_changing_an_event_is_found(desk: Desk, statement: str, why: str) -> None:
    tamper(desk, statement)
    (check,) = failed(desk)
    assert check.seq == 21
    assert why in check.found


def test_a_log_rewritten_whole_or_cut_short_no_longer_matches_its_anchor(desk: Desk) -> None:
    integrity.anchor(desk.ctx, "serve")
    head = desk.ctx.store.revision()
    tamper(desk, f"delete from event where seq = {head}")
    checks = {check.name: check for check in failed(desk)}
    assert "event log" not in checks
    assert checks["anchors"].seq == head
    assert "had another hash" in checks["anchors"].found


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("update model set owner = 'eve'", "table model differs from the log for model m"),
        ("update model_version set stage = 'approved'", "table model_version differs"),
        ("update vote set decision = 'reject'", "table vote differs"),
        (
            "insert into role_grant values ('dev', 'approver', 'everywhere', '')",
            "table role_grant differs from the log for person dev",
        ),
        ("insert into model_use values ('ghost', 'u', 'p', '')", "holds 'ghost', which the log does not know"),
    ],
)
def test_a_table_that_the_log_does_not_amount_to_is_found(desk: Desk, statement: str, found: str) -> None:
    desk.submit()
    desk.sign_report()
    desk.vote("mro")
    desk.ctx.store.connection.execute(statement)
    (check,) = failed(desk)
    assert check.name == "tables"
    assert found in check.found


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("update result set estimate = 0.01", "monitoring"),
        ("delete from result", "monitoring"),
        ("update profile set content = 'other'::blob", "monitoring"),
        ("delete from profile", "monitoring"),
        ("update manifest_item set content = '{}' where kind = 'result'", "manifests"),
        ("delete from manifest_item where kind = 'policy'", "manifests"),
    ],
)
def test_counted_evidence_that_was_touched_is_found(desk: Desk, statement: str, name: str) -> None:
    desk.monitor("r1", 0.05)
    desk.submit()
    tamper(desk, statement)
    assert [check.name for check in failed(desk)] == [name]


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("update result set run_seq = run_seq + 1000", "monitoring"),
        ("insert into result select * replace ('r9' as run_id) from result", "table result"),
        ("insert into profile select * replace (run_seq + 1000 as run_seq) from profile", "table profile"),
    ],
)
def test_rows_slipped_in_beside_a_run_are_found(desk: Desk, statement: str, table: str) -> None:
    desk.monitor("r1", 0.05)
    tamper(desk, statement)
    (check,) = failed(desk)
    assert check.name == "monitoring"
    assert table in f"{check.name}: {check.found}"


def test_what_the_engine_writes_otherwise_than_json_is_not_taken_for_tampering(desk: Desk) -> None:
    odd = Window('a\tb \u2028 "c"', WINDOW.start, WINDOW.end and WINDOW.end + timedelta(microseconds=5))
    desk.monitor("r1", 1e-300, odd)
    assert failed(desk) == []


def test_an_export_is_verified_offline(desk: Desk, tmp_path: Path) -> None:
    with desk.ctx.store.read() as cursor:
        links = list(log.links(cursor))
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"event": [as_json(item) for item in links]}), encoding="utf-8")
    found = integrity.verify_export(path)
    assert (found.holds, found.seq, found.head) == (True, links[-1].entry.seq, links[-1].hash)
    forged = link(links[3].entry, links[2].hash)
    rows = [as_json(item) for item in links]
    rows[3] = as_json(forged) | {"actor": "eve"}
    path.write_text(json.dumps(rows), encoding="utf-8")
    (check,) = integrity.verify_export(path).checks
    assert (check.holds, check.seq) == (False, 4)


@pytest.mark.parametrize("content", ["not json", "{}", '[{"seq": 1}]'])
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LogError):
        integrity.verify_export(path)
    with pytest.raises(NotFound):
        integrity.verify_export(tmp_path / "absent.json")
