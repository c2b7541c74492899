"""Writes a sample model as files that the ordinary verbs read: model file, artefact, prediction log."""

from __future__ import annotations

from pathlib import Path

from plumbline.demo.sample_model import SampleModel

LOG = "log.parquet"


def write(model: SampleModel, folder: Path) -> Path:
    """Writes `folder/<model>/` and returns the model file's path."""
    own = folder / model.id
    own.mkdir(parents=True, exist_ok=True)
    file = own / "model.toml"
    file.write_text(model.file, encoding="utf-8")
    if model.artefact:
        (own / model.artefact.name).write_bytes(model.artefact.content)
    model.log.to_parquet(own / LOG, index=False)
    return file
