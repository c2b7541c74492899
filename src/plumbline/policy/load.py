"""Loads the policy in force: every pack of a folder, typed, checked and under one digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from plumbline.domain.errors import PolicyError
from plumbline.policy.access import Access, read_access
from plumbline.policy.appetite import Appetite, read_appetite
from plumbline.policy.packs import Pack, Table, digest, read_pack
from plumbline.policy.signoff import SignoffPolicy, read_signoff
from plumbline.policy.thresholds import Thresholds, read_thresholds
from plumbline.policy.tiering import TieringPolicy, read_tiering

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "policy"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Policy:
    """All packs; `digest` is the SHA-256 over the content of those that judge models, and every verdict names it."""

    digest: str
    packs: tuple[Pack, ...]
    tiering: TieringPolicy
    signoff: SignoffPolicy
    thresholds: Thresholds
    appetite: Appetite
    access: Access


def load_policy(directory: Path | None = None) -> Policy:
    """The policy of a folder (default: the packs shipped with the product).

    Raises:
        PolicyError: a pack is missing, not TOML, or a key is missing, unknown or of the wrong kind.
    """
    folder = directory or SHIPPED
    packs: list[Pack] = []

    def part(name: str, read: Callable[[Table], T]) -> T:
        pack, whole = read_pack(folder / f"{name}.toml")
        if pack.name != name:
            raise PolicyError(
                f"The pack calls itself {pack.name!r}",
                where=f"{folder / name}.toml, key pack.name",
                remedy=f"Name it {name!r} or move it to its own file.",
            )
        packs.append(pack)
        return read(whole)

    tiering, signoff = part("tiering", read_tiering), part("signoff", read_signoff)
    thresholds = part("thresholds", read_thresholds)
    judging = {pack.name: pack.sha256 for pack in packs}
    # The appetite judges the estate, and access judges nobody's model: no vote goes stale when these change.
    appetite, access = part("appetite", read_appetite), part("access", read_access)
    return Policy(
        digest=digest(judging),
        packs=tuple(packs),
        tiering=tiering,
        signoff=signoff,
        thresholds=thresholds,
        appetite=appetite,
        access=access,
    )
