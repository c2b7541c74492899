"""The passport of a figure: what it is made of, and that it can be made again to the last digit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from plumbline.domain.errors import NotFound
from plumbline.domain.results import REFERENCE, Level
from plumbline.policy.load import load_policy
from plumbline.reports import passport as report
from plumbline.services.context import Context
from plumbline.services.passport import passport
from plumbline.services.performance import performance_view
from plumbline.services.recomputing import compared, recompute
from plumbline.services.views import passport as words
from plumbline.store import results


def _id(
    ctx: Context, metric: str, window: str, column: str | None = None, by: str | None = None, segment: str | None = None
) -> str:
    with ctx.store.read() as cursor:
        found = results.current(cursor, model_id="lender", version_id="1", windows=[window], metrics=[metric])
        place = (column, by, segment)
        named = {
            (one.result.measurement.column, one.result.measurement.segment_by, one.result.measurement.segment): one
            for one in found
        }
        return named[place].result_id


def test_the_page_hands_over_the_id_of_the_figure_that_it_shows(measured: Context) -> None:
    view = performance_view(measured, "lender", "1", window="2026-09", metric="roc_auc")
    assert view.status is not None
    assert view.status.result_id == _id(measured, "roc_auc", "2026-09")
    assert view.status.result_id in {choice.key for choice in view.figures}


def test_a_passport_says_what_the_figure_is_and_what_it_rests_on(measured: Context) -> None:
    view = passport(measured, _id(measured, "psi", "2026-09", "income"))
    assert view.title == "PSI, column income, September 2026"
    assert view.metric.definition.startswith("sum (a - e) ln(a / e)")
    assert view.source
    assert view.window is not None
    assert view.reference is not None
    assert (view.window.rows_in, view.window.rows, view.reference.rows) == (3000, 3000, 6000)
    assert view.window.without_value == pytest.approx(900, abs=120)
    assert view.bins is not None
    assert view.bins.labels[-1] == "missing"
    assert sum(view.bins.current) == pytest.approx(1.0)
    assert view.family.words.startswith("Benjamini-Hochberg, 4 columns")


def test_what_was_made_of_rows_names_its_sample_and_is_made_again_without_them(measured: Context) -> None:
    found = _id(measured, "domain_auc", "2026-09")
    view = passport(measured, found)
    assert view.bins is not None
    assert "500 of the window and 500 of the reference" in view.bins.kind
    assert [clause.id for clause in view.rule.clauses] == ["drift.domain_auc"]
    again = recompute(measured, found)
    assert again.same
    assert {"estimate", "low", "p_value", "reason"} <= {each.field for each in again.digits}


def test_a_passport_says_by_which_rule_and_what_each_level_would_take(measured: Context) -> None:
    view = passport(measured, _id(measured, "roc_auc", "2026-09"))
    drop = next(clause for clause in view.rule.clauses if clause.id == "credit_pd.auc_drop")
    assert (drop.amber, drop.red) == ("a fall of more than 0.025", "a fall of more than 0.05")
    assert "events" in drop.minimum
    assert drop.source
    assert view.rule.in_force
    assert view.rule.digest == measured.policy.digest
    assert [level.split(" ", 1)[1] for level, _ in view.rule.levels][:2] == ["not measured", "breach"]


def test_a_house_figure_and_an_impact_ratio_have_their_rules_too(measured: Context) -> None:
    house = passport(measured, _id(measured, "complaint_rate", "2026-09"))
    assert [clause.amber for clause in house.rule.clauses] == ["a rise of more than 10 %"]
    ratio = passport(measured, _id(measured, "impact_ratio", "2026-09", by="sex", segment="F"))
    assert ratio.rule.clauses[0].red == "under 0.8"
    assert ratio.subject == "sex: F"
    assert ratio.window is not None
    assert ratio.window.population < ratio.window.rows


def test_every_figure_of_the_page_is_made_again_to_the_last_digit(measured: Context) -> None:
    for choice in performance_view(measured, "lender", "1", window="2026-09").figures:
        again = recompute(measured, choice.key)
        assert again.same, (choice.words, again)
        assert {"estimate", "level", "reason", "rule"} <= {each.field for each in again.digits}


def test_a_figure_of_the_reference_is_made_again_too(measured: Context) -> None:
    assert recompute(measured, _id(measured, "roc_auc", REFERENCE)).same


def test_a_digit_that_differs_is_told_and_where(measured: Context) -> None:
    m = passport(measured, _id(measured, "roc_auc", "2026-09")).result.measurement
    assert m.estimate is not None
    differing = [each.field for each in compared(m, replace(m, estimate=m.estimate * (1 + 1e-15))) if not each.same]
    assert differing == ["estimate"]


def test_under_another_policy_the_figure_is_compared_and_its_verdict_is_not(measured: Context) -> None:
    other = replace(measured, policy=replace(load_policy(), digest="another"))
    result_id = _id(measured, "roc_auc", "2026-09")
    again = recompute(other, result_id)
    assert again.same
    assert "level" not in {each.field for each in again.digits}
    assert "policy another is in force" in again.note
    assert not passport(other, result_id).rule.in_force


def test_an_unknown_figure_is_said(measured: Context) -> None:
    with pytest.raises(NotFound, match="no figure 'nonesuch'"):
        passport(measured, "nonesuch")


def test_the_file_carries_every_digit(measured: Context) -> None:
    view = passport(measured, _id(measured, "roc_auc", "2026-09"))
    told = json.loads(report.as_json(view))
    m = view.result.measurement
    assert told["figure"]["estimate"] == m.estimate
    assert told["figure"]["p_value"] == m.p_value
    assert told["window_sha256"] == view.window_sha256
    assert told["rule"]["clauses"][0]["id"] == view.rule.clauses[0].id
    assert told["origin"]["recorded_at"].startswith("2026-11-01T")


def test_a_grey_figure_without_an_estimate_has_a_passport(measured: Context) -> None:
    view = passport(measured, _id(measured, "roc_auc", "2026-10"))
    assert view.result.verdict.level is Level.GREY
    assert words.figure(view)["Estimate"] == "not measured"
    assert recompute(measured, view.origin.result_id).same
