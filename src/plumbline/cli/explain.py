"""`plumbline explain FILE.toml`: attributions of a model's scores, recorded with their hash or only written out."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.domain.errors import PlumblineError
from plumbline.domain.explanations import Explanation
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.services import explanations
from plumbline.workflow.commands import RecordExplanation

SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.toml", help="the model file")
    parser.add_argument("--artifact", type=Path, help="the model (.txt, .json, .ubj, .skops); else the model file's")
    parser.add_argument("--background", type=Path, help="reference rows; a linear model needs them")
    parser.add_argument("--rows", type=Path, required=True, help="rows to explain: Parquet or CSV file, glob or folder")
    parser.add_argument("--out", type=Path, metavar="FILE.parquet", help="attributions of every row")
    parser.add_argument("--sample", type=int, default=explanations.SAMPLE, help="rows to keep in the store (1000)")
    parser.add_argument("--dry-run", action="store_true", help="show, store nothing; needs no store")


def run(args: argparse.Namespace) -> int:
    model_file = read_model_file(args.file)
    artefact = _artefact(args, model_file)
    if args.sample < 1:
        raise PlumblineError("A sample has at least one row", where=f"--sample {args.sample}", remedy="Name more.")
    found = explanations.explain(model_file, artefact, args.background, args.rows, sample=args.sample)
    answer = _answer(found)
    if args.out:
        answer["written"] = _write(args, model_file, artefact)
        answer["out"] = str(args.out)
    if not args.dry_run:
        with opened(args) as ctx:
            answer["explanation"] = explanations.record(ctx, signed_in(ctx, RecordExplanation), found)
    print(json.dumps(answer) if args.json else _sentences(answer))
    return 0


def _artefact(args: argparse.Namespace, model_file: ModelFile) -> Path:
    path: Path | None = args.artifact or model_file.artefact_path
    if path is None:
        raise PlumblineError(
            "There is no artefact to explain", where=str(args.file), remedy="Name it with --artifact, or in [version]."
        )
    return path


def _write(args: argparse.Namespace, model_file: ModelFile, artefact: Path) -> int:
    def progress(done: int, total: int) -> None:
        print(f"\r{done:,} of {total:,} rows", end="", file=sys.stderr, flush=True)

    shown = progress if sys.stderr.isatty() else None
    try:
        return explanations.write(model_file, artefact, args.background, args.rows, args.out, progress=shown)
    except OSError as cause:
        raise PlumblineError(
            f"The attributions cannot be written: {cause.strerror}", where=str(args.out), remedy="Name another --out."
        ) from None
    finally:
        if shown:
            print(file=sys.stderr)


def _answer(found: Explanation) -> dict[str, Any]:
    return {
        "model": found.model_id,
        "version": found.version,
        "artefact_sha256": found.artefact_sha256,
        "method": found.method,
        "scale": found.scale.value,
        "perturbation": found.perturbation.value,
        "rows": found.rows,
        "rows_available": found.rows_available,
        "seed": found.seed,
        "importance": [
            {"column": each.column, "mean_absolute": each.mean_absolute, "low": each.low, "high": each.high}
            for each in found.importance
        ],
    }


def _sentences(answer: dict[str, Any]) -> str:
    share = f"{answer['rows']:,} of {answer['rows_available']:,} rows"
    lines = [f"{answer['model']} {answer['version']}: {share} explained on the {answer['scale']}, {answer['method']}."]
    for each in answer["importance"][:SHOWN]:
        interval = f"({each['low']:.4g} to {each['high']:.4g})"
        lines.append(f"  {each['column']:<24} {each['mean_absolute']:.4g} {interval}")
    if "written" in answer:
        lines.append(f"{answer['written']:,} rows written to {answer['out']}.")
    stored = answer.get("explanation")
    lines.append(f"Recorded as explanation {stored}." if stored else "Nothing was stored (dry run).")
    return "\n".join(lines)
