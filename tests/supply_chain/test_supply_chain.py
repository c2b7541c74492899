"""What `make check` says of the packages that we build on: a weakness stops it, an unasked service is said aloud."""

from __future__ import annotations

import json

import pytest
from tests.supply_chain.audit import UNASKED, judged
from tests.supply_chain.sbom import ROOT, listed, pinned, plain

SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}
UNKNOWN = {"name": "rare", "skip_reason": "Dependency not found on PyPI and could not be audited: rare (1.0)"}
WEAK = {"name": "jinja2", "version": "3.1.2", "vulns": [{"id": "PYSEC-2024-1", "fix_versions": ["3.1.3"]}]}


@pytest.mark.parametrize(
    ("found", "code", "says"),
    [
        ([SOUND, SOUND], 0, "no known vulnerability in 2 packages."),
        ([SOUND, WEAK, UNKNOWN], 1, "jinja2 3.1.2: PYSEC-2024-1, mended in 3.1.3"),
        ([SOUND, UNKNOWN], 0, f"no known vulnerability in 1 package; {UNASKED} in rare,"),
        ([UNKNOWN, UNKNOWN], 0, f"{UNASKED}, its service here knows none of 2 packages."),
    ],
)
def test_a_weakness_fails_and_what_was_not_asked_is_named(found: list[object], code: int, says: str) -> None:
    told = judged(json.dumps({"dependencies": found}), "")
    assert told[0] == code
    assert says in told[1]


@pytest.mark.parametrize("report", ["", "{}", "null", "[]"])
def test_a_service_that_cannot_be_reached_is_no_pass_in_silence(report: str) -> None:
    code, words = judged(report, "WARNING: slow\nERROR: could not connect\n")
    assert (code, words.count("\n")) == (0, 0)
    assert UNASKED in words
    assert words.endswith("could not connect")


def test_the_bill_lists_what_is_installed_to_run_with_licences_and_who_needs_whom() -> None:
    bill = listed()
    parts = {plain(each["name"]): each for each in bill["components"]}
    pins = pinned((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert {name: each["version"] for name, each in parts.items()} == pins
    assert parts["numpy"]["purl"] == f"pkg:pypi/numpy@{pins['numpy']}"
    assert sum("licenses" in each for each in parts.values()) > 0.9 * len(parts)
    (root,) = (each for each in bill["dependencies"] if each["ref"] == bill["metadata"]["component"]["bom-ref"])
    assert f"duckdb=={pins['duckdb']}" in root["dependsOn"]
    refs = {each["bom-ref"] for each in parts.values()}
    assert all(set(each["dependsOn"]) <= refs for each in bill["dependencies"])
