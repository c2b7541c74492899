"""One digest over all packs: it moves with a value, not with a comment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plumbline.domain.errors import PolicyError
from plumbline.policy.load import Policy, load_policy

Spoiled = Callable[[str, str, str], Path]


def test_every_pack_names_owner_date_and_source(policy: Policy) -> None:
    assert {pack.name for pack in policy.packs} >= {"tiering", "signoff"}
    assert all(pack.owner and pack.source and pack.effective.year >= 2026 for pack in policy.packs)


def test_digest_ignores_comments(policy: Policy, spoiled: Spoiled) -> None:
    folder = spoiled("tiering.toml", "[bands]", "# a remark\n[bands]")
    assert load_policy(folder).digest == policy.digest


def test_digest_follows_a_value(policy: Policy, spoiled: Spoiled) -> None:
    assert load_policy(spoiled("tiering.toml", "H = 3.5", "H = 3.6")).digest != policy.digest


def test_weights_must_add_up(spoiled: Spoiled) -> None:
    with pytest.raises(PolicyError, match=r"inherent.*add up to 1.1"):
        load_policy(spoiled("tiering.toml", "weight = 0.3", "weight = 0.4"))


def test_broken_toml_and_a_missing_pack_are_named(spoiled: Spoiled, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"not TOML.*tiering\.toml"):
        load_policy(spoiled("tiering.toml", "[bands]", "[bands"))
    with pytest.raises(PolicyError, match=r"cannot be read.*tiering\.toml"):
        load_policy(tmp_path)
