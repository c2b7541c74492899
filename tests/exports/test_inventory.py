"""The inventory extract holds every field of every version and no formula."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from typing import Any

from plumbline.domain.models import ModelEntry
from plumbline.exports import inventory
from plumbline.services import evidence
from plumbline.workflow import commands as c


def test_every_field_stands_in_both_formats(archive: Any) -> None:
    (row,) = json.loads(inventory.json(archive.ctx, archive.actor("aud")).content)["rows"]
    (line,) = csv.DictReader(io.StringIO(inventory.csv(archive.ctx, archive.actor("aud")).content.decode()))
    assert {field.name for field in fields(ModelEntry)} < set(row)
    assert set(line) == set(row)
    assert (row["version"], row["stage"], row["artefact_sha256"]) == ("1", "pending_approval", "a1")
    assert row["open_findings"] == 1
    assert line["jurisdictions"] == "GB; FR"


def test_a_formula_is_disarmed(archive: Any) -> None:
    (line,) = csv.DictReader(io.StringIO(inventory.csv(archive.ctx, archive.actor("aud")).content.decode()))
    assert line["purpose"].startswith("'=HYPERLINK")


def test_a_model_without_a_version_is_counted(archive: Any) -> None:
    with archive.ctx.store.read() as cursor:
        first = evidence.state_of(cursor, "m").entry
    assert first is not None
    archive.act("ana", c.RegisterModel(entry=replace(first, id="second")))
    rows = json.loads(inventory.json(archive.ctx, archive.actor("aud")).content)["rows"]
    assert [(row["id"], row["version"]) for row in rows] == [("m", "1"), ("second", None)]


def test_the_stamp_counts_rows_and_names_the_policy(archive: Any) -> None:
    stamp = inventory.csv(archive.ctx, archive.actor("aud")).stamp
    assert (stamp.rows, stamp.policy, stamp.log_holds) == (1, archive.ctx.policy.digest, True)


def test_a_broken_log_is_said_on_the_export(archive: Any) -> None:
    with archive.ctx.store.transaction() as cursor:
        cursor.execute("drop trigger event_no_update on event")
        cursor.execute("update event set actor = 'eve' where seq = 3")
    assert "does not verify" in inventory.csv(archive.ctx, archive.actor("aud")).stamp.cautions[0]
