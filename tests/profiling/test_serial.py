"""Profiles as bytes: what comes back is what went in, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.count import count
from plumbline.profiling.profile import ALL
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


def test_a_profile_is_small(loans: Make, write: Make, spec: Callable[..., LogSpec]) -> None:
    found = count(spec(), model_id="m", version_id="1", log=[write(loans(20_000))])
    assert max(len(encode(window)) for window in found.windows) < 400_000


def test_other_bytes_are_no_profile() -> None:
    with pytest.raises(ValueError, match="not a profile"):
        decode(b"PAR1")
    assert len(digest(b"")) == 64
