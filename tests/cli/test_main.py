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


def test_a_reader_who_leaves_in_between_is_no_fault_either() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    door = [sys.executable, "-u", "-m", "plumbline", "--help"]
    done = subprocess.run(door, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_the_process_ends_at_once_with_its_code_after_what_was_registered_for_the_end() -> None:
    said = "import atexit, plumbline.cli.main as door; atexit.register(print, 'last'); door.process()"
    done = subprocess.run([sys.executable, "-c", said, "nothing"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "last\n")
    assert "There is no verb 'nothing'." in done.stderr


def test_help_of_a_verb_says_nothing_of_the_engine() -> None:
    door = [sys.executable, "-m", "plumbline", "monitor"]
    told, misunderstood = (
        subprocess.run([*door, word], capture_output=True, text=True, check=False) for word in ("--help", "--nothing")
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert misunderstood.returncode == 2
    assert misunderstood.stderr.startswith("usage: ")
    assert "leaked" not in misunderstood.stderr
