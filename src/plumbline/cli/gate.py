"""`plumbline gate MODEL VERSION`: may this artefact be used for this now? For a deployment pipeline to ask."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from plumbline.cli import server
from plumbline.cli.opening import opened
from plumbline.services.gate import gate, hash_of

CLOSED = 1


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument("version")
    parser.add_argument("--use", help="the use asked about (default: any approved one)")
    parser.add_argument("--artifact", type=Path, metavar="FILE", help="the artefact about to be deployed")


def run(args: argparse.Namespace) -> int:
    sha256 = hash_of(args.artifact) if args.artifact else None
    answer = _of_server(args, sha256) if server.address() else _of_store(args, sha256)
    print(json.dumps(answer) if args.json else _sentence(answer))
    return 0 if answer["open"] else CLOSED


def _of_server(args: argparse.Namespace, sha256: str | None) -> dict[str, Any]:
    return server.read("gate", args.model, args.version, use=args.use, artifact_sha256=sha256)


def _of_store(args: argparse.Namespace, sha256: str | None) -> dict[str, Any]:
    with opened(args) as ctx:
        return gate(ctx, args.model, args.version, use_id=args.use, artefact_sha256=sha256).as_json()


def _sentence(answer: dict[str, Any]) -> str:
    if not answer["open"]:
        return "Closed. " + " ".join(answer["reasons"])
    until = f" until {datetime.fromisoformat(answer['expires_at']):%d %b %Y}" if answer["expires_at"] else ""
    return f"Open: approved in case {answer['case']}{until}."
