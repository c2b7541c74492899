"""Tier of a model from its inherent risk and materiality, by the policy's weights, bands, matrix and floors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.domain.errors import PolicyError
from plumbline.domain.models import Automation, Tier, TierInputs
from plumbline.policy.packs import Table

if TYPE_CHECKING:
    from plumbline.policy.load import Policy

BANDS = ("L", "M", "H")
WORDS = {"L": "low", "M": "medium", "H": "high"}
MATERIALITY = ("exposure", "purpose")
INHERENT = ("assumptions", "complexity", "input_quality", "data_constraints", "explainability_and_autonomy")
ALONE = "fully_automated_and_affects_people"


@dataclass(frozen=True, slots=True)
class TieringPolicy:
    """`scales` words five answers of a materiality question, `anchors` the answers 1, 3 and 5 of an inherent one."""

    materiality: Mapping[str, float]
    inherent: Mapping[str, float]
    bands: tuple[float, float]
    matrix: Mapping[str, Mapping[str, Tier]]
    floors: Mapping[str, Tier]
    scales: Mapping[str, tuple[str, ...]]
    anchors: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TierResult:
    """The tier with everything it came from; `floors` names the rules that made it stricter than the matrix."""

    tier: Tier
    materiality: float
    inherent: float
    materiality_band: str
    inherent_band: str
    floors: tuple[str, ...]
    because: str


def tier(inputs: TierInputs, policy: Policy, *, automation: Automation, affects_people: bool) -> TierResult:
    """The tier that the policy gives these answers; `PolicyError` for an answer outside 1 to 5 or an unknown flag."""
    rules = policy.tiering
    materiality, inherent = _weighed(inputs, rules.materiality), _weighed(inputs, rules.inherent)
    rows, columns = _band(materiality, rules.bands), _band(inherent, rules.bands)
    by_matrix = rules.matrix[rows][columns]
    flags = inputs.flags
    if automation is Automation.FULLY_AUTOMATED and affects_people:
        flags = (*flags, ALONE)
    floors = tuple(flag for flag in flags if _rank(_floor(flag, rules)) < _rank(by_matrix))
    decided = min([by_matrix, *(_floor(flag, rules) for flag in flags)], key=_rank)
    return TierResult(
        tier=decided,
        materiality=round(materiality, 4),
        inherent=round(inherent, 4),
        materiality_band=rows,
        inherent_band=columns,
        floors=floors,
        because=_because(materiality, inherent, rows, columns, by_matrix, floors, decided),
    )


def read_tiering(whole: Table) -> TieringPolicy:
    """The tiering pack, checked: weights add up to one, the matrix is full."""
    materiality, inherent = whole.table("materiality"), whole.table("inherent")
    bands, matrix = whole.table("bands"), whole.table("matrix")
    questions = {key: materiality.table(key) for key in MATERIALITY}
    anchored = {key: inherent.table(key) for key in INHERENT}
    result = TieringPolicy(
        materiality=_weights(materiality, questions),
        inherent=_weights(inherent, anchored),
        bands=(bands.number("M"), bands.number("H")),
        matrix={row: {column: read_tier(matrix.table(row), column) for column in BANDS} for row in BANDS},
        floors={key: read_tier(whole.table("floors"), key) for key in whole.table("floors").values},
        scales={key: questions[key].texts("scale") for key in MATERIALITY},
        anchors={key: anchored[key].texts("anchors") for key in INHERENT},
    )
    if not 1 <= result.bands[0] < result.bands[1] <= 5:
        bands.refuse("H", "must lie above M, and both between the answers 1 and 5")
    for table in (whole, materiality, inherent, bands, *questions.values(), *anchored.values()):
        table.done()
    return result


def read_tier(table: Table, key: str) -> Tier:
    """A tier's name at that key."""
    name = table.text(key)
    known = [each.value for each in Tier]
    return (
        Tier(name)
        if name in known
        else table.refuse(key, f"is {name!r}, which is no tier; tiers are {', '.join(known)}")
    )


def _weights(parent: Table, questions: Mapping[str, Table]) -> Mapping[str, float]:
    weights = {key: table.number("weight") for key, table in questions.items()}
    if abs(sum(weights.values()) - 1.0) > 1e-9:
        parent.refuse("", f"has weights that add up to {sum(weights.values()):g}, not 1")
    return weights


def _weighed(inputs: TierInputs, weights: Mapping[str, float]) -> float:
    for key in weights:
        if not 1 <= getattr(inputs, key) <= 5:
            raise PolicyError(
                f"The tiering answer '{key}' is {getattr(inputs, key)}",
                where="tier inputs",
                remedy="Answers are 1 to 5.",
            )
    return sum(weight * float(getattr(inputs, key)) for key, weight in weights.items())


def _band(score: float, bands: tuple[float, float]) -> str:
    # Weighted sums of fifths miss their exact value by a float's breadth; 3.5 must be high.
    score = round(score, 9)
    return "H" if score >= bands[1] else "M" if score >= bands[0] else "L"


def _floor(flag: str, rules: TieringPolicy) -> Tier:
    if flag not in rules.floors:
        raise PolicyError(
            f"The tiering flag '{flag}' is not known",
            where="tier inputs",
            remedy=f"Known flags: {', '.join(key for key in rules.floors if key != ALONE)}.",
        )
    return rules.floors[flag]


def _rank(which: Tier) -> int:
    return list(Tier).index(which)


def _because(
    materiality: float, inherent: float, row: str, column: str, matrix: Tier, floors: tuple[str, ...], decided: Tier
) -> str:
    text = (
        f"Materiality {materiality:.2f} ({WORDS[row]}) and inherent risk {inherent:.2f} ({WORDS[column]}) "
        f"give {_words(matrix)}"
    )
    if not floors:
        return f"{text}."
    names = ", ".join(flag.replace("_", " ") for flag in floors)
    return f"{text}; {names} makes it {_words(decided)}."


def _words(which: Tier) -> str:
    return "a negligible tier" if which is Tier.NEGLIGIBLE else f"tier {which.value}"
