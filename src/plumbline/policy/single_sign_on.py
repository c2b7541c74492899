"""Single sign-on: where a house's own provider is, whom it speaks of, and what its groups let a person act in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plumbline.domain.errors import PolicyError
from plumbline.domain.people import Role
from plumbline.policy.packs import Table


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """`metadata` is the provider's discovery document, `address` Plumbline's own; `roles` is by group."""

    label: str
    metadata: str
    client_id: str
    client_secret: str
    address: str
    account_claim: str
    email_domain: str
    groups_claim: str
    roles: Mapping[str, tuple[Role, ...]]

    def account(self, claims: Mapping[str, Any]) -> str:
        """The account in the register that the provider speaks of; empty where it says none that can be trusted.

        An e-mail address has to be verified, and of the house's own domain: anybody may own one elsewhere.
        """
        said = str(claims.get(self.account_claim) or "").lower()
        if self.account_claim != "email":
            return said
        name, _, domain = said.rpartition("@")
        return name if domain == self.email_domain and claims.get("email_verified") is True else ""

    def offered(self, claims: Mapping[str, Any]) -> tuple[Role, ...] | None:
        """The roles that the person's groups let them act in; None where the house maps no group."""
        if not self.groups_claim:
            return None
        said = claims.get(self.groups_claim)
        groups = said if isinstance(said, list) else []
        return tuple(sorted({role for group in groups for role in self.roles.get(str(group), ())}))


def read_single_sign_on(path: Path) -> SingleSignOn:
    """The house's file, checked.

    Raises:
        PolicyError: it cannot be read, or a key is missing, unknown or of the wrong kind.
    """
    try:
        whole = Table(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError) as fault:
        raise PolicyError(
            f"The single sign-on file cannot be read: {fault}", where=str(path), remedy="Correct it, or take it away."
        ) from fault
    provider = whole.table("provider")
    groups = whole.table("groups") if whole.has("groups") else None
    found = SingleSignOn(
        label=provider.text("label"),
        metadata=provider.text("metadata"),
        client_id=provider.text("client_id"),
        client_secret=provider.text("client_secret"),
        address=provider.text("address"),
        account_claim=provider.text("account", "preferred_username"),
        email_domain=provider.text("email_domain", "").lower(),
        groups_claim=groups.text("claim") if groups else "",
        roles=_roles(groups.table("roles")) if groups else {},
    )
    if found.account_claim == "email" and not found.email_domain:
        provider.refuse("email_domain", "is missing: an address elsewhere is nobody's account here")
    for table in (provider, groups, whole):
        if table:
            table.done()
    return found


def _roles(table: Table) -> dict[str, tuple[Role, ...]]:
    known = {role.value: role for role in Role}
    found = {}
    for group in table.values:
        named = table.texts(group)
        unknown = [name for name in named if name not in known]
        if unknown:
            table.refuse(group, f"names no role: {', '.join(unknown)}")
        found[group] = tuple(known[name] for name in named)
    return found
