"""`plumbline VERB`: finds the verb's module, runs it, and turns refusals into words and exit codes."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import gc
import importlib
import json
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn, Protocol

from plumbline import __version__
from plumbline.cli.parser import REFUSED, Parser
from plumbline.domain.errors import PlumblineError

OUR_FAULT = 70
# Once numpy is there, threads of its linear algebra spin for a tenth of a second; counting has no use for them.
ALONE = {"monitor": {"OPENBLAS_NUM_THREADS": "1"}}

READER_GONE = 141  # as a shell tells it: 128 and SIGPIPE
# Only names and one-line helps live here, so that `--help` imports no verb at all.
VERBS = {
    "init": "make the store and its first administrators",
    "demo": "build the sample estate by real commands",
    "serve": "the app in the browser, with its health pages",
    "register": "enter a model, version or use from a model file",
    "monitor": "count a prediction log, judge it, store the results",
    "selftest": "how often a model's verdicts alarm where nothing drifts",
    "explain": "attributions of a model's scores",
    "gate": "is this artefact approved for this use now?",
    "export": "inventory, validation report, approvals",
    "verify": "prove the log, the tables and the profiles",
    "backup": "the whole store as one file, also while the app runs",
    "restore": "a backup in the store's place, once it has proven itself",
    "user": "accounts and roles",
}


class Verb(Protocol):
    """What a verb's module offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, args: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; 0 done, 1 the answer is no, 2 refused and nothing changed, 70 a fault of our own."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in VERBS:
        return _overview(words)
    args = _arguments(words)
    try:
        code = _verb(words[0]).run(args)
        sys.stdout.flush()
        return code
    except PlumblineError as refusal:
        return _refuse(refusal, as_json=args.json)
    except BrokenPipeError:
        # Whoever read our output has read enough; the interpreter's own last flush must not fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Stopped; nothing half-done was kept.", file=sys.stderr)
        return 130
    except Exception as cause:
        return _fault(cause)


def _fault(cause: Exception) -> int:
    """On a terminal as it is, for it is the reader's own; where a log is kept, there alone, under an id."""
    import logging

    from plumbline.connect import server_log

    if server_log.written():
        number = server_log.fault(logging.getLogger("plumbline.cli"), cause)
        print(f"This is a fault of Plumbline; the server's log has it under {number}.")
    else:
        traceback.print_exception(cause)
        print("This is a fault of Plumbline, not of your input; please report the lines above.", file=sys.stderr)
    return OUR_FAULT


def process() -> NoReturn:
    """The command line as a process of its own."""
    words = sys.argv[1:]
    if words and words[0] in VERBS and words[0] != "serve":
        for name, value in ALONE.get(words[0], {}).items():
            os.environ.setdefault(name, value)
        # What is imported stays to the end: nobody need look for garbage in it, now or later.
        gc.disable()
        _verb(words[0])
        gc.freeze()
        gc.enable()
    try:
        _leave(main(words))
    except SystemExit as help_or_misunderstood:
        _leave(int(help_or_misunderstood.code or 0))
    except BrokenPipeError:
        # Whoever read along has seen enough; what is left to say has nowhere to go.
        _leave(READER_GONE)


def _leave(code: int) -> NoReturn:
    """End now: to take the modules apart first would keep whoever waits for a tenth of a second."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    os._exit(code)


def _verb(name: str) -> Verb:
    module: Verb = importlib.import_module(f"plumbline.cli.{name}")
    return module


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = Parser(prog=f"plumbline {words[0]}", description=VERBS[words[0]].capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="machine-readable answer on standard output")
    parser.add_argument("--store", metavar="PATH", help="the store's file (default: PLUMBLINE_STORE or data/store)")
    _verb(words[0]).configure(parser)
    return parser.parse_args(words[1:])


def _overview(words: list[str]) -> int:
    if words and words[0] == "--version":
        print(f"plumbline {__version__}")
        return 0
    asked = not words or words[0] in ("-h", "--help")
    out = sys.stdout if asked else sys.stderr
    if not asked:
        near = get_close_matches(words[0], VERBS, n=1)
        meant = f" Did you mean '{near[0]}'?" if near else ""
        print(f"There is no verb '{words[0]}'.{meant}", file=out)
    print("usage: plumbline VERB [--help] ...\n", file=out)
    for name, purpose in VERBS.items():
        print(f"  {name:<10} {purpose}", file=out)
    return 0 if asked else REFUSED


def _refuse(refusal: PlumblineError, *, as_json: bool) -> int:
    if as_json:
        body = {"error": type(refusal).__name__, "what": refusal.what, "where": refusal.where, "do": refusal.remedy}
        print(json.dumps(body))
    print(f"{refusal}", file=sys.stderr)
    return REFUSED
