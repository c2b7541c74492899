"""Explaining a version's scores: compute attributions from artefact and rows; record them with their hash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.domain.chain import sha256
from plumbline.domain.errors import ArtefactError, LogError
from plumbline.domain.explanations import ColumnAttribution, Explanation
from plumbline.explain.artefacts import Artefact, load
from plumbline.explain.attributions import Attributions, attribute
from plumbline.explain.importance import importance
from plumbline.explain.rows import Rows, Source, open_rows, texts
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.governance import handle
from plumbline.store.explanations import SCHEMA, encode, insert_explanation, lines
from plumbline.workflow.commands import RecordExplanation

if TYPE_CHECKING:
    from plumbline.domain.model_file import ModelFile
    from plumbline.domain.people import Actor
    from plumbline.store.database import Cursor
    from plumbline.workflow.events import Recorded

SAMPLE, SEED = 1000, 7
BACKGROUND, CHUNK = 100_000, 10_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one request reads: the opened artefact and rows, and the columns that both speak of."""

    model_file: ModelFile
    artefact: Artefact
    rows: Rows
    columns: tuple[str, ...]
    background: Any
    background_rows: int


def explain(
    model_file: ModelFile,
    artefact: Path,
    background: Source | None,
    rows: Source,
    *,
    sample: int = SAMPLE,
    seed: int = SEED,
) -> Explanation:
    """Attributions of at most `sample` rows, drawn by `seed`; needs no store.

    Raises ArtefactError (pickle, foreign types, sums that miss), LogError (a missing column, unreadable rows).
    """
    asked = _ask(model_file, artefact, background, rows, seed)
    table, positions = asked.rows.sample(_wanted(asked), sample, seed)
    return _explanation(asked, table, positions, _attribute(asked, table), seed)


def write(
    model_file: ModelFile,
    artefact: Path,
    background: Source | None,
    rows: Source,
    out: Path,
    *,
    seed: int = SEED,
    progress: Progress | None = None,
) -> int:
    """Attributions of every row into a Parquet file, a chunk in memory at a time; the number of rows."""
    asked = _ask(model_file, artefact, background, rows, seed)
    total, done = asked.rows.count(), 0
    # Written beside and moved into place, so that a stopped run leaves no half file.
    partial = out.with_name(out.name + ".partial")
    try:
        with pq.ParquetWriter(partial, SCHEMA, compression="zstd") as writer:
            for table, positions in asked.rows.chunks(_wanted(asked), CHUNK):
                if positions:
                    chunk = _explanation(asked, table, positions, _attribute(asked, table), seed, ranked=False)
                    writer.write_table(lines(chunk))
                done += len(positions)
                if progress:
                    progress(done, total)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return done


def record(ctx: Context, actor: Actor, explanation: Explanation) -> str:
    """Store an explanation and its hash's event in one transaction; its new id.

    Raises ArtefactError when the version is registered with another artefact, and whatever `handle` refuses.
    """
    _check_registered(ctx, explanation)
    content, explanation_id = encode(explanation), ctx.new_id()

    def beside(cursor: Cursor, recorded: Recorded) -> None:
        insert_explanation(
            cursor,
            explanation,
            explanation_id=explanation_id,
            seq=recorded.seq,
            at=recorded.recorded_at,
            by=recorded.actor,
            content=content,
        )

    command = RecordExplanation(
        model_id=explanation.model_id,
        version_id=explanation.version,
        explanation_id=explanation_id,
        sha256=sha256(content),
        method=explanation.method,
        rows=explanation.rows,
    )
    handle(ctx, command, actor, beside=beside)
    return explanation_id


def _check_registered(ctx: Context, explanation: Explanation) -> None:
    with ctx.store.read() as cursor:
        state = state_of(cursor, explanation.model_id)
    version = state.versions.get(explanation.version)
    registered = version.entry.artefact_sha256 if version else ""
    if registered and registered != explanation.artefact_sha256:
        raise ArtefactError(
            f"The explained artefact is not the registered one of {explanation.model_id} {explanation.version}: "
            f"its SHA-256 is {explanation.artefact_sha256[:12]}, the registered one is {registered[:12]}",
            where=explanation.artefact,
            remedy="Explain the registered artefact, or register the new one as a new version.",
        )


def _ask(model_file: ModelFile, path: Path, background: Source | None, rows: Source, seed: int) -> _Asked:
    artefact = load(path)
    pinned = model_file.version.artefact_sha256
    if pinned and pinned != artefact.sha256:
        raise ArtefactError(
            f"The artefact is not the one of version {model_file.version.id}: its SHA-256 is {artefact.sha256[:12]}, "
            f"the version's is {pinned[:12]}",
            where=str(path),
            remedy="Explain the version's own artefact.",
        )
    opened = open_rows(rows)
    columns = _columns(model_file, artefact, opened)
    frame, count = None, 0
    if background is not None:
        table, _ = open_rows(background).sample(columns, BACKGROUND, seed)
        frame, count = table.select(columns).to_pandas(), table.num_rows
    return _Asked(model_file, artefact, opened, columns, frame, count)


def _columns(model_file: ModelFile, artefact: Artefact, rows: Rows) -> tuple[str, ...]:
    """The artefact's own names; those of the model file when it has none."""
    log = model_file.log
    if not artefact.columns:
        named = (*(log.numeric or ()), *(log.categorical or ()))
        if not named:
            raise LogError(
                "The artefact does not name its columns, and the model file does not either",
                where=str(model_file.path),
                remedy="List them under [log] numeric and categorical, in the order of training.",
            )
        return named
    # LightGBM writes spaces in names as underscores.
    spaced = {name.replace(" ", "_"): name for name in rows.data.schema.names}
    return tuple(name if name in rows.data.schema.names else spaced.get(name, name) for name in artefact.columns)


def _wanted(asked: _Asked) -> Sequence[str]:
    identity = asked.model_file.log.id
    return [*asked.columns, *([identity] if identity and identity not in asked.columns else [])]


def _attribute(asked: _Asked, table: pa.Table) -> Attributions:
    return attribute(asked.artefact, table.select(asked.columns).to_pandas(), asked.background)


def _explanation(
    asked: _Asked, table: pa.Table, positions: list[int], found: Attributions, seed: int, *, ranked: bool = True
) -> Explanation:
    identity = asked.model_file.log.id
    # Without an id the row's number in the log, from 1, says which one it is.
    numbers = tuple(str(position + 1) for position in positions)
    ids = tuple(text or "" for text in texts(table[identity])) if identity else numbers
    return Explanation(
        model_id=asked.model_file.model.id,
        version=asked.model_file.version.id,
        artefact=asked.artefact.name,
        artefact_sha256=asked.artefact.sha256,
        method=found.method,
        perturbation=found.perturbation,
        scale=found.scale,
        tolerance=found.tolerance,
        background_rows=asked.background_rows,
        rows_available=asked.rows.count() if ranked else len(positions),
        seed=seed,
        row_ids=ids,
        predictions=tuple(found.prediction.tolist()),
        base_values=tuple(found.base.tolist()),
        columns=tuple(
            ColumnAttribution(column, texts(table[column]), tuple(found.values[:, j].tolist()))
            for j, column in enumerate(asked.columns)
        ),
        importance=importance(asked.columns, found.values, seed=seed) if ranked else (),
    )
