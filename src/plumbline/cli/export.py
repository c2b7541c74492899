"""`plumbline export KIND --out FILE`: hand something over, on record, with its hash."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from plumbline.cli.opening import opened
from plumbline.cli.person import signed_in
from plumbline.domain.chain import canonical_json
from plumbline.domain.errors import PlumblineError
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Actor
from plumbline.exports import approvals, inventory, validation_report
from plumbline.exports.handover import Export
from plumbline.services.context import Context

Maker = Callable[[Context, Actor, str], Export]
MAKERS: dict[tuple[str, str], Maker] = {
    ("inventory", ".csv"): lambda ctx, actor, _: inventory.csv(ctx, actor),
    ("inventory", ".json"): lambda ctx, actor, _: inventory.json(ctx, actor),
    ("approvals", ".json"): lambda ctx, actor, _: approvals.export(ctx, actor),
    ("validation-report", ".html"): validation_report.export,
}
KINDS = sorted({kind for kind, _ in MAKERS})


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="its suffix chooses the format")
    parser.add_argument("--model", default="", metavar="ID", help="for a validation report: the model's newest case")
    parser.add_argument("--case", default="", metavar="ID", help="for a validation report: that case")


def run(args: argparse.Namespace) -> int:
    make = _maker(args)
    if not args.out.parent.is_dir():
        raise PlumblineError("There is no such folder", where=str(args.out.parent), remedy="Make it first.")
    if args.out.is_dir():
        raise PlumblineError("A folder has that name", where=str(args.out), remedy="Name a file with --out.")
    with opened(args) as ctx:
        actor = signed_in(ctx)
        case_id = args.case or (validation_report.newest_case(ctx, args.model) if args.model else "")
        made = make(ctx, actor, case_id)
    try:
        beside = _write(args.out, made)
    except OSError as cause:
        raise PlumblineError(
            f"The export cannot be written: {cause.strerror}", where=str(args.out), remedy="Name another --out."
        ) from None
    answer = {"out": str(args.out), "sha256": made.sha256, "stamp": to_plain(made.stamp)}
    print(json.dumps(answer) if args.json else _sentences(args.out, made, beside))
    return 0


def _maker(args: argparse.Namespace) -> Maker:
    suffixes = [suffix for kind, suffix in MAKERS if kind == args.kind]
    if args.out.suffix.lower() not in suffixes:
        raise PlumblineError(
            f"There is no {args.kind} export as '{args.out.suffix}'",
            where=str(args.out),
            remedy=f"Let --out end in {' or '.join(suffixes)}.",
        )
    if args.kind == "validation-report" and not (args.case or args.model):
        raise PlumblineError(
            "A validation report is of a case", remedy="Name it with --case, or its model with --model."
        )
    return MAKERS[args.kind, args.out.suffix.lower()]


def _write(out: Path, made: Export) -> Path | None:
    """A table cannot hold its own stamp, so it lies beside it."""
    out.write_bytes(made.content)
    if out.suffix.lower() != ".csv":
        return None
    beside = out.with_name(out.name + ".stamp.json")
    stamp = {"sha256": made.sha256, "stamp": to_plain(made.stamp), "cautions": list(made.stamp.cautions)}
    beside.write_text(canonical_json(stamp), encoding="utf-8")
    return beside


def _sentences(out: Path, made: Export, beside: Path | None) -> str:
    lines = [f"{out}: {made.stamp.rows:,} rows as of {made.stamp.as_of:%d %b %Y %H:%M} UTC.", f"SHA-256 {made.sha256}"]
    if beside:
        lines.append(f"Its stamp is in {beside}.")
    return "\n".join([*lines, *made.stamp.cautions])
