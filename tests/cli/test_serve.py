"""`plumbline serve`: answers machines, refuses what it cannot serve, stops cleanly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from plumbline.cli.serve import check_port
from plumbline.domain.errors import PlumblineError
from plumbline.store.database import Store

DOOR = [sys.executable, "-m", "plumbline", "serve"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refused(*words: str) -> str:
    done = subprocess.run([*DOOR, *words], capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without anybody in it."""
    path = tmp_path_factory.mktemp("serve") / "plumbline.duckdb"
    Store.open(path, clock=lambda: datetime.now(UTC)).close()
    return path


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that has said where it is; its process and its address."""
    port = free_port()
    words = [*DOOR, "--store", str(store), "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watchdog = threading.Timer(90, process.kill)
    watchdog.start()
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "Stop with" in line:
            break
    assert any(f"http://localhost:{port}" in line for line in said), "".join(said)
    assert not any("WARNING" in line for line in said), "".join(said)
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()
    watchdog.cancel()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server on loopback
        return str(answer.read().decode())


def test_machines_are_answered(server: tuple[subprocess.Popen[str], str]) -> None:
    _, url = server
    assert json.loads(get(f"{url}/health"))["status"] == "alive"
    assert json.loads(get(f"{url}/ready")) == {"status": "ready", "events": 0, "head": "0" * 64}
    assert "plumbline_models 0\n" in get(f"{url}/metrics")
    assert "<title>" in get(url)


def test_warming_up_leaves_no_trace(server: tuple[subprocess.Popen[str], str]) -> None:
    assert "plumbline_accesses_total 0\n" in get(f"{server[1]}/metrics")


def test_a_store_in_use_names_its_owner(server: tuple[subprocess.Popen[str], str], store: Path) -> None:
    process, _ = server
    said = refused("--store", str(store), "--port", str(free_port()))
    assert f"in use by process {process.pid}" in said


def test_a_taken_port_is_named(server: tuple[subprocess.Popen[str], str], store: Path) -> None:
    port = server[1].rsplit(":", 1)[1]
    assert f"Port {port} is taken" in refused("--store", str(store), "--port", port)


def test_no_store_says_how_to_make_one(tmp_path: Path) -> None:
    assert "plumbline demo" in refused("--store", str(tmp_path / "none.duckdb"), "--port", str(free_port()))


def test_an_impossible_port_or_host_is_refused() -> None:
    with pytest.raises(PlumblineError, match="no port 99999"):
        check_port("127.0.0.1", 99999)
    with pytest.raises(PlumblineError, match=r"Nothing can listen on 192\.0\.2\.1"):
        check_port("192.0.2.1", free_port())


def test_sigterm_closes_the_store(server: tuple[subprocess.Popen[str], str], store: Path) -> None:
    process, _ = server
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) in (0, -signal.SIGTERM)
    assert sorted(os.listdir(store.parent)) == [store.name, f"{store.name}.anchor"], "no write-ahead log is left"
    with duckdb.connect(str(store), read_only=True) as left:
        assert left.execute("select count(*) from schema_migration").fetchone() is not None
