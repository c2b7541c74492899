"""`plumbline gate MODEL VERSION`: may this artefact be used for this now? For a deployment pipeline to ask."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from plumbline.cli.opening import opened
from plumbline.services.gate import Gate, gate

CLOSED = 1


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument("version")
    parser.add_argument("--use", help="the use asked about (default: any approved one)")
    parser.add_argument("--artifact", type=Path, metavar="FILE", help="the artefact about to be deployed")


def run(args: argparse.Namespace) -> int:
    with opened(args) as ctx:
        found = gate(ctx, args.model, args.version, use_id=args.use, artefact=args.artifact)
    print(json.dumps(_answer(found)) if args.json else _sentence(found))
    return 0 if found.open else CLOSED


def _answer(found: Gate) -> dict[str, object]:
    until = found.approval.expires_at
    return {
        "open": found.open,
        "reasons": list(found.reasons),
        "case": found.approval.case_id,
        "expires_at": until.isoformat().replace("+00:00", "Z") if until else None,
    }


def _sentence(found: Gate) -> str:
    if not found.open:
        return "Closed. " + " ".join(found.reasons)
    until = found.approval.expires_at
    return f"Open: approved in case {found.approval.case_id}" + (f" until {until:%d %b %Y}." if until else ".")
