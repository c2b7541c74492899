"""`plumbline register FILE.toml`: a model, its version and its uses, from a model file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.domain.model_file import read_model_file
from plumbline.services.register import Registration, register
from plumbline.workflow.commands import RegisterVersion
from plumbline.workflow.events import action_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.toml", help="the model file")


def run(args: argparse.Namespace) -> int:
    model_file = read_model_file(args.file)
    with opened(args) as ctx:
        # Entering a version is the narrowest of the three requests, so its role fits them all.
        done = register(ctx, model_file, signed_in(ctx, RegisterVersion))
    print(json.dumps(_answer(done)) if args.json else _sentence(done))
    return 0


def _answer(done: Registration) -> dict[str, object]:
    return {
        "model": done.model_id,
        "version": done.version_id,
        "events": [action_of(type(recorded.event)) for recorded in done.events],
        "gaps": list(done.gaps),
    }


def _sentence(done: Registration) -> str:
    did = ", ".join(action_of(type(recorded.event)).replace("_", " ") for recorded in done.events)
    lines = [f"{done.model_id} {done.version_id}: {did or 'nothing changed, the register says this already'}."]
    if done.gaps:
        lines.append(f"Missing before it can be approved: {', '.join(done.gaps)}.")
    return "\n".join(lines)
