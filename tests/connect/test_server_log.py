"""The server's log: set up by the server alone, one JSON object a line whoever speaks, and nothing that anyone said."""

from __future__ import annotations

import json
import subprocess
import sys

SPEAKING = """
import logging, sys
import plumbline.cli.main as door, plumbline.cli.serve, plumbline.api.v1, plumbline.ui.errors
from plumbline.connect import server_log
ours = [each for name, each in logging.root.manager.loggerDict.items() if name.startswith("plumbline")]
assert not any(getattr(each, "handlers", ()) for each in ours) and not server_log.written()
library = logging.getLogger("uvicorn.error")
library.addHandler(logging.StreamHandler(sys.stdout))
library.propagate = False
server_log.to_stderr()
server_log.to_stderr()
library.info("%s - connected", "192.0.2.7")
library.warning("%s sent nonsense", "192.0.2.7")
secret = "hunter2"
try:
    raise RuntimeError(f"wrong password {secret}")
except RuntimeError as cause:
    library.error("failed", exc_info=True)
    sys.exit(door._fault(cause))
"""


def test_every_logger_of_a_server_writes_such_lines_and_a_verb_that_fails_there_names_the_id() -> None:
    done = subprocess.run([sys.executable, "-c", SPEAKING], capture_output=True, text=True, check=False)
    assert done.returncode == 70, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["level"], line["logger"], line["event"]) for line in lines] == [
        ("warning", "uvicorn.error", "%s sent nonsense"),
        ("error", "uvicorn.error", "failed"),
        ("error", "plumbline.cli", "fault"),
    ]
    assert lines[1]["error"] == lines[2]["error"] == "RuntimeError"
    assert done.stdout == (f"This is a fault of Plumbline; the server's log has it under {lines[2]['request_id']}.\n")
    for said in ("192.0.2.7", "hunter2"):
        assert said not in done.stderr
