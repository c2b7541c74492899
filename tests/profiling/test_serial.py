"""Profiles as bytes: what comes back is what went in, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.count import count
from plumbline.profiling.packing import from_planes, planes
from plumbline.profiling.profile import ALL, Profile
from plumbline.profiling.serial import decode, digest, encode

Make = Callable[..., Any]


def test_profiles_survive_their_bytes(loans: Make, write: Make, spec: Callable[..., LogSpec]) -> None:
    found = count(spec(), model_id="m", version_id="1", log=[write(loans())])
    for profile in (found.reference, *found.windows):
        back = decode(encode(profile))
        assert encode(back) == encode(profile)
        assert back.window == profile.window
        assert (back.first_time, back.last_time) == (profile.first_time, profile.last_time)
        assert back.populations[ALL].sums == profile.populations[ALL].sums
        assert encode(back + profile) == encode(profile + back)


def test_multiclass_profiles_survive_too(loans: Make, write: Make, spec: Callable[..., LogSpec]) -> None:
    rows = loans(400)
    rows |= {"p_a": rows["score"], "p_b": 1 - rows["score"], "label": np.where(rows["label"] == 1, "a", "b")}
    made = spec(Task.MULTICLASS, score={"a": "p_a", "b": "p_b"}, decision=None)
    found = count(made, model_id="m", version_id="1", log=[write(rows)])
    assert all(encode(decode(encode(window))) == encode(window) for window in found.windows)
    assert found.windows[0].labelled == found.windows[0].rows
    assert found.windows[0].classes is not None
    assert choices(decode(encode(found.windows[0]))) == choices(found.windows[0])


def choices(profile: Profile) -> list[list[int]]:
    assert profile.classes is not None
    chosen = profile.classes.one_vs_rest["a"].chosen
    assert chosen is not None
    return [chosen.index.tolist(), chosen.counts.sum(axis=1).tolist()]


def test_counts_that_an_earlier_profile_lacks_stay_lacking(
    loans: Make, write: Make, spec: Callable[..., LogSpec]
) -> None:
    """What was counted before there were losses by band, and choices, decodes without them, and so do sums with it."""
    rows = loans(400)
    amounts = count(spec(Task.REGRESSION, decision=None), model_id="m", version_id="1", log=[write(rows)]).windows[0]
    assert losses(decode(encode(amounts))) == losses(amounts) != []
    everyone = replace(amounts.populations[ALL], band_loss_units=None)
    earlier = decode(encode(replace(amounts, populations={ALL: everyone})))
    assert losses(earlier) == losses(earlier + amounts) == []
    assert losses(amounts + amounts) == [[2 * each for each in loss] for loss in losses(amounts)]


def losses(profile: Profile) -> list[list[float]]:
    found = profile.populations[ALL].band_losses
    return [] if found is None else found.tolist()


def test_a_profile_is_small(loans: Make, write: Make, spec: Callable[..., LogSpec]) -> None:
    found = count(spec(), model_id="m", version_id="1", log=[write(loans(20_000))])
    assert max(len(encode(window)) for window in found.windows) < 400_000


def test_profiles_of_the_first_format_stay_readable() -> None:
    stored = (Path(__file__).parent / "format_1.profile").read_bytes()
    assert stored.startswith(b"plumbline profile 1")
    back = decode(stored)
    assert (back.rows, back.labelled, back.window.label) == (20, 20, "2026-01")
    assert [(each.by, each.value) for each in back.populations] == [
        (None, None),
        ("sector", "farm"),
        ("sector", "shop"),
    ]
    assert sum(rows.rows for each, rows in back.populations.items() if each.by) == back.rows
    assert encode(decode(encode(back))) == encode(back)
    assert encode(back).startswith(b"plumbline profile 2")


@given(values=st.lists(st.integers(0, 2**63 - 1)), ends=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_whole_numbers_of_any_size_survive_their_planes(values: list[int], ends: tuple[int, int]) -> None:
    raw = b"12345678" + b"".join(planes(np.asarray(values, dtype=np.int64))) + b"what stands behind"
    found, end = from_planes(raw, 8, len(values))
    assert found.stretch(0, len(values)).tolist() == values
    assert raw[end:] == b"what stands behind"
    first, last = sorted(min(each, len(values)) for each in ends)
    assert found.stretch(first, last - first).tolist() == values[first:last]


def test_other_bytes_are_no_profile() -> None:
    with pytest.raises(ValueError, match="not a profile"):
        decode(b"PAR1")
    assert len(digest(b"")) == 64


def test_sums_that_pass_sixty_four_bits_add_and_survive(loans: Make, write: Make, spec: Callable[..., LogSpec]) -> None:
    """Tens of millions of large amounts in one band: added without wrapping round, and kept."""
    rows = count(spec(), model_id="m", version_id="1", log=[write(loans())]).windows[0]
    most = np.full_like(rows.populations[ALL].band_score_units, 2**62 + 1)
    large = replace(rows, populations={ALL: replace(rows.populations[ALL], band_score_units=most)})
    doubled = large + large
    assert doubled.populations[ALL].band_score_units.tolist() == [2**63 + 2] * len(most)
    back = decode(encode(doubled))
    assert back.populations[ALL].band_score_units.tolist() == [2**63 + 2] * len(most)
    assert back.populations[ALL].band_score.tolist() == (2 * large.populations[ALL].band_score).tolist()
    assert encode(back) == encode(doubled)
