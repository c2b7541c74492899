"""The model file: the shortest one reads, and whatever is misspelt is refused by name."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import ScoreKind, Task
from plumbline.domain.model_file import MANDATORY, ModelFile, parse_model_file, read_model_file
from plumbline.domain.models import Automation

SHORTEST = """
[model]
id = "sba-default"
name = "SBA loan default"
purpose = "Ranks small-business loans by the chance of charge-off"
owner = "ana.ito"
family = "credit_pd"
task = "binary"

[version]
id = "1.0"
artifact = "model.skops"

[log]
id = "id"
timestamp = "event_time"
score = "score"
score_kind = "probability"
label = "label"
label_time = "label_time"
decision = { threshold = 0.5 }
favourable = 0
window = "month"
reference = { column = "split", equals = "reference" }
label_maturity = "90d"
weight = "exposure"
numeric = ["NoEmp", "GrAppv"]
categorical = ["sector"]
segments = ["sector", "State"]
groups = ["sex", "race"]
intersections = [["sex", "race"]]
sample = "sample"
amount = "GrAppv"
value = { tp = 0, fp = -200, fn = -9000, tn = 400 }
cohort = "approval_month"
override = "overridden"
label_seen_when = { decision = 0 }
reference_group = { race = "Caucasian" }

[[metrics]]
key = "complaint_rate"
mean_of = "complained"
direction = "lower"
role = "counter"

[explain]
monotone = { income = -1 }
immutable = ["age"]
"""


def parsed(text: str) -> ModelFile:
    return parse_model_file(tomllib.loads(text), path=Path("bank/model.toml"), sha256="0" * 64)


def test_every_key_of_the_format_is_read() -> None:
    found = parsed(SHORTEST)
    log = found.log
    assert (found.model.id, found.version.id, log.task) == ("sba-default", "1.0", Task.BINARY)
    assert found.artefact_path == Path("bank/model.skops")
    assert (log.score_kind, log.score_range, log.threshold, log.favourable) == (ScoreKind.PROBABILITY, (0, 1), 0.5, 0)
    assert (log.reference_column, log.reference_equals, log.label_maturity_days) == ("split", "reference", 90)
    assert log.slices == {"sector": ("sector",), "State": ("State",), "sex": ("sex",), "race": ("race",)} | {
        "sex*race": ("sex", "race")
    }
    assert log.value == {"tp": 0.0, "fp": -200.0, "fn": -9000.0, "tn": 400.0}
    assert (log.label_seen_when, log.reference_group) == (0, {"race": "Caucasian"})
    assert [(each.key, each.columns, each.role) for each in log.metrics] == [
        ("complaint_rate", ("complained",), "counter")
    ]
    assert (found.explain.monotone, found.explain.immutable) == ({"income": -1}, ("age",))


SOURCES = '\n[sources]\nBureau = ["income", "score_a"]\n"Core banking" = ["balance"]\n'


def with_sources(declared: str, text: str = SOURCES) -> ModelFile:
    return parsed(SHORTEST.replace('task = "binary"', f'task = "binary"\ndata_sources = {declared}') + text)


def test_a_column_comes_from_a_source_of_the_model() -> None:
    found = with_sources('["Bureau", "Core banking"]')
    assert found.sources == {"Bureau": ("income", "score_a"), "Core banking": ("balance",)}
    assert '"sources":{"Bureau"' in found.version.spec_json
    assert parsed(SHORTEST).sources == {}
    with pytest.raises(LogError, match=r"\[sources\] Core banking: is no data source of the model"):
        with_sources('["Bureau"]')
    with pytest.raises(LogError, match=r"\[sources\] balance: comes from two sources"):
        with_sources('["Bureau", "Core banking"]', SOURCES.replace('"income"', '"balance"'))


def test_outcomes_seen_after_a_decision_need_one_that_is_told() -> None:
    with pytest.raises(LogError, match="label_seen_when"):
        parsed(SHORTEST.replace("decision = { threshold = 0.5 }\n", "", 1))


def test_mandatory_inventory_fields_that_are_left_out_are_named_as_gaps() -> None:
    found = parsed(SHORTEST)
    assert found.gaps == (*MANDATORY, "use")
    assert found.uses[0].id == "primary"


def test_an_unanswered_question_counts_as_its_most_careful_answer() -> None:
    model = parsed(SHORTEST).model
    assert (model.tier_inputs.exposure, model.tier_inputs.complexity) == (5, 5)
    assert (model.automation, model.affects_people) == (Automation.FULLY_AUTOMATED, True)


def test_inventory_fields_stand_under_model() -> None:
    more = SHORTEST.replace(
        'task = "binary"',
        """task = "binary"
description = "Scorecard"
developers = ["dev.one"]
origin = "vendor"
exposure_amount = 1250000
tier_inputs = { exposure = 3, purpose = 4, rationale = "Small book", flags = ["sox_key"] }
""",
    ).replace('id = "1.0"', 'id = "1.0"\ntrained_at = 2026-01-31')
    found = parsed(more + '\n[[use]]\nid = "approve"\npurpose = "Approve loans"\nusers = ["Lending"]\n')
    assert (found.model.origin, found.model.developers) == ("vendor", ("dev.one",))
    assert (found.model.tier_inputs.purpose, found.model.tier_inputs.flags) == (4, ("sox_key",))
    assert found.model.exposure_amount == 1_250_000
    assert (found.uses[0].id, found.uses[0].users) == ("approve", ("Lending",))
    assert found.version.trained_at == datetime(2026, 1, 31, tzinfo=UTC)
    assert "description" not in found.gaps
    assert "use" not in found.gaps


@pytest.mark.parametrize(
    ("right", "wrong", "names"),
    [
        ("label_maturity =", "label_maturty =", ("label_maturty", "label_maturity")),
        ("score = ", "scroe = ", ("scroe", "'score'")),
        ("owner =", "onwer =", ("onwer", "'owner'")),
        ("[explain]", "[explian]", ("explian", "'explain'")),
        ("[log]", "[lgo]", ("lgo", "'log'")),
        ("mean_of", "meanof", ("ratio",)),
        ("threshold", "treshold", ("treshold", "threshold")),
    ],
)
def test_a_misspelt_key_is_refused_with_the_nearest_known_one(right: str, wrong: str, names: tuple[str, ...]) -> None:
    with pytest.raises(LogError) as refused:
        parsed(SHORTEST.replace(right, wrong, 1))
    assert all(name in str(refused.value) for name in names), str(refused.value)
    assert refused.value.where == "bank/model.toml"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('task = "binary"', 'task = "binray"', "Did you mean 'binary'"),
        ('window = "month"', 'window = "fortnight"', "Known: day, week, month, quarter, year"),
        ('id = "sba-default"', 'id = "SBA Default"', "small letters"),
        ("favourable = 0", "favourable = 2", "0 or 1"),
        ("favourable = 0", "favourable = true", "not a whole number"),
        ('"90d"', '"soon"', "'90d'"),
        ('numeric = ["NoEmp", "GrAppv"]', 'numeric = "NoEmp"', "list of names"),
        ("{ threshold = 0.5 }", "{ }", "threshold and column"),
        ('score_kind = "probability"', 'score_kind = "points"', "score_range and higher_is"),
        ('timestamp = "event_time"', "", "[log] timestamp: is missing"),
        ("income = -1", "income = 3", "1 = never falls"),
        ('name = "SBA loan default"', 'name = " "', "must not be blank"),
    ],
)
def test_a_value_that_cannot_be_is_refused(right: str, wrong: str, says: str) -> None:
    with pytest.raises(LogError) as refused:
        parsed(SHORTEST.replace(right, wrong, 1))
    assert says in str(refused.value)


def test_multiclass_names_a_column_a_class() -> None:
    text = SHORTEST.replace('"binary"', '"multiclass"').replace("decision = { threshold = 0.5 }\n", "")
    text = text.replace('score = "score"', 'score = { card = "p_card", loan = "p_loan" }')
    assert parsed(text).log.classes == {"card": "p_card", "loan": "p_loan"}


def test_the_specification_travels_as_canonical_text() -> None:
    first, second = (
        parsed(SHORTEST),
        parsed(
            SHORTEST.replace(
                'id = "id"\ntimestamp = "event_time"', "\n".join(['timestamp = "event_time"', 'id = "id"'])
            )
        ),
    )
    assert first.version.spec_json == second.version.spec_json


def test_a_file_that_is_absent_or_not_toml_says_so(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read"):
        read_model_file(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[model\nid = 1")
    with pytest.raises(LogError, match=r"not TOML.*line 1"):
        read_model_file(broken)


def test_the_digest_is_of_the_very_bytes(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text(SHORTEST)
    digests: list[Any] = [read_model_file(file).sha256]
    file.write_text(SHORTEST + "\n")
    digests.append(read_model_file(file).sha256)
    assert digests[0] != digests[1]
