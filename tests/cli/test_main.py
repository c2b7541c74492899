"""The command line as a good neighbour in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_a_reader_who_has_read_enough_is_no_fault(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    door = [sys.executable, "-m", "plumbline", "init", "--store", str(tmp_path / "store.duckdb")]
    done = subprocess.run(door, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "store.duckdb").exists()
