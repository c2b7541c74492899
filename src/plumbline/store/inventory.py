"""Reads of the register: models with their versions."""

from __future__ import annotations

import json
from dataclasses import dataclass

from plumbline.domain.models import ModelEntry, Stage
from plumbline.domain.payload import from_plain
from plumbline.store.database import Cursor

# A model that is retired in all its versions uses nothing any more.
DATA_SOURCES = """
select model_id, name, entry from model
where exists (select 1 from model_version as known where known.model_id = model.model_id and stage <> 'retired')
order by name
"""
SUBJECTS = """
select model.model_id, name, tier, task,
    list(version_id order by model_version.registered_at, version_id) filter (version_id is not null),
    list(stage order by model_version.registered_at, version_id) filter (stage is not null)
from model left join model_version using (model_id)
group by all
order by name
"""


@dataclass(frozen=True, slots=True)
class Registered:
    """A model with its versions and their stages, in order of registration."""

    model_id: str
    name: str
    tier: str
    task: str
    versions: tuple[tuple[str, Stage], ...]

    @property
    def current(self) -> str:
        """The version in use; without one, the version registered last ("" before any)."""
        active = [version for version, stage in self.versions if stage.active]
        return (active or [version for version, _ in self.versions] or [""])[-1]


def registered(cursor: Cursor) -> tuple[Registered, ...]:
    """Every model, by name."""
    return tuple(
        Registered(
            model_id,
            name,
            tier,
            task,
            tuple((version, Stage(stage)) for version, stage in zip(versions or (), stages or (), strict=True)),
        )
        for model_id, name, tier, task, versions, stages in cursor.execute(SUBJECTS).fetchall()
    )


def entries(cursor: Cursor) -> dict[str, ModelEntry]:
    """Each model's entry, by its id."""
    rows = cursor.execute("select model_id, entry from model").fetchall()
    return {str(model_id): from_plain(ModelEntry, json.loads(entry)) for model_id, entry in rows}


@dataclass(frozen=True, slots=True)
class Fed:
    """A model that is not retired, and the data sources that it says it reads."""

    model_id: str
    name: str
    data_sources: tuple[str, ...]


def fed(cursor: Cursor) -> tuple[Fed, ...]:
    """Every such model, by name."""
    rows = cursor.execute(DATA_SOURCES).fetchall()
    return tuple(Fed(model_id, name, tuple(json.loads(entry)["data_sources"])) for model_id, name, entry in rows)
