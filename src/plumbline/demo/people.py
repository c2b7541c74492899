"""The people of the sample estate, who answers to whom, and the three accounts behind the sign-in page's doors."""

from __future__ import annotations

from dataclasses import dataclass

from plumbline.domain.people import Role

# Known to all on purpose: it opens accounts of the sample estate alone, and the sign-in page shows it there.
PASSWORD = "a-sample-of-plumbline"  # noqa: S105

LONDON = "Europe/London"


@dataclass(frozen=True, slots=True)
class Member:
    """An account to be made; `zone` is where the person signs."""

    user_id: str
    name: str
    roles: tuple[Role, ...]
    line_manager: str = ""
    zone: str = LONDON


ADMINISTRATORS: tuple[Member, ...] = (
    Member("kelly.brandt", "Kelly Brandt", (Role.ADMINISTRATOR,)),
    Member("oscar.vane", "Oscar Vane", (Role.ADMINISTRATOR,)),
)

PEOPLE: tuple[Member, ...] = (
    Member("victoria.stein", "Victoria Stein", (Role.EXECUTIVE,)),
    Member("rosa.mendes", "Rosa Mendes", (Role.MODEL_RISK_OFFICER,), "victoria.stein"),
    Member("cara.doyle", "Cara Doyle", (Role.VALIDATOR,), "rosa.mendes"),
    Member("ben.hughes", "Ben Hughes", (Role.VALIDATOR,), "rosa.mendes"),
    Member("ingrid.holm", "Ingrid Holm", (Role.APPROVER,), "victoria.stein", "Europe/Stockholm"),
    Member("david.park", "David Park", (Role.APPROVER,), "victoria.stein"),
    Member("tom.fraser", "Tom Fraser", (Role.DEPLOYER,), "victoria.stein"),
    Member("noor.rahman", "Noor Rahman", (Role.AUDITOR,), "victoria.stein"),
    # Tidewater Bank. Owners who may also approve, so that S1 has somebody to refuse.
    Member("helen.okafor", "Helen Okafor", (Role.MODEL_OWNER,), "victoria.stein"),
    Member("ana.ito", "Ana Ito", (Role.MODEL_OWNER, Role.APPROVER), "helen.okafor"),
    Member("marcus.webb", "Marcus Webb", (Role.MODEL_OWNER, Role.APPROVER), "helen.okafor"),
    Member("priya.nair", "Priya Nair", (Role.DEVELOPER,), "ana.ito"),
    Member("jonas.lind", "Jonas Lind", (Role.DEVELOPER,), "marcus.webb", "Europe/Stockholm"),
    # Harrow Vale Insurance.
    Member("lucia.ferri", "Lucia Ferri", (Role.MODEL_OWNER,), "victoria.stein", "Europe/Rome"),
    Member("emil.novak", "Emil Novak", (Role.DEVELOPER,), "lucia.ferri", "Europe/Prague"),
    # St Aldhelm Hospital.
    Member("samuel.osei", "Samuel Osei", (Role.MODEL_OWNER,), "victoria.stein"),
    Member("mei.tanaka", "Mei Tanaka", (Role.DEVELOPER,), "samuel.osei"),
)

# Executive, risk officer, validator: the role of each door stands first.
DOORS: tuple[str, ...] = ("victoria.stein", "rosa.mendes", "cara.doyle")
