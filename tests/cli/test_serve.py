"""`plumbline serve`: answers machines, refuses what it cannot serve, stops cleanly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import duckdb
import pytest
from websockets import ConnectionClosed, Origin
from websockets.sync.client import connect

from plumbline.cli.main import main
from plumbline.cli.serve import check_port
from plumbline.domain.errors import PlumblineError
from plumbline.domain.people import Actor, Authentication, Role
from plumbline.policy.load import load_policy
from plumbline.services import integrity, tokens
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

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


ADMINISTRATOR = Actor("adm", "Adm", Role.ADMINISTRATOR, (Role.ADMINISTRATOR,))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A store with an administrator and nothing else, the secret of a token of theirs, and the log's head."""
    path = tmp_path_factory.mktemp("serve") / "plumbline.duckdb"
    ctx = Context(Store.open(path, clock=now), now, lambda: "token", load_policy())
    added = [c.AddPerson(user_id=each.lower(), name=each, password_hash="") for each in ("Adm", "Eve")]
    handle_together(ctx, [*added, c.GrantRole(user_id="adm", role=Role.ADMINISTRATOR)], SYSTEM)
    proof = Authentication("adm", "password", now())
    secret = tokens.issue(ctx, ADMINISTRATOR, proof, label="nightly", role=Role.ADMINISTRATOR, days=1)[1]
    head = integrity.head(ctx)[1]
    ctx.store.close()
    return path, secret, head


@pytest.fixture(scope="module")
def store(made: tuple[Path, str, str]) -> Path:
    return made[0]


@pytest.fixture
def asking(
    made: tuple[Path, str, str], server: tuple[subprocess.Popen[str], str], monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """A shell whose verbs ask the server."""
    monkeypatch.setenv("PLUMBLINE_SERVER", server[1])
    monkeypatch.setenv("PLUMBLINE_TOKEN", made[1])
    return monkeypatch


def log_of(store: Path) -> Path:
    return store.parent.with_suffix(".log")


def status(url: str) -> tuple[int, str]:
    """The code of an answer, also of one that says no, and its text; 0 where nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server on loopback
            return int(answer.status), str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


# What the server below said as soon as it listened.
EARLY: dict[str, tuple[int, str]] = {}


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that has said where it is; its process and its address. Its log is beside the store's folder."""
    port = free_port()
    words = [*DOOR, "--store", str(store), "--port", str(port)]
    with log_of(store).open("w") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
    watchdog = threading.Timer(90, process.kill)
    watchdog.start()
    pause = threading.Event()
    while not status(f"http://127.0.0.1:{port}/health")[0]:
        assert process.poll() is None
        pause.wait(0.05)
    EARLY.update({path: status(f"http://127.0.0.1:{port}{path}") for path in ("/ready", "/drift", "/health")})
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "Stop with" in line:
            break
    watchdog.cancel()
    assert any(f"http://localhost:{port}" in line for line in said), "".join(said)
    assert log_of(store).read_text() == "", "starting is nothing to warn of"
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server on loopback
        return str(answer.read().decode())


def headers(url: str) -> Message:
    """Of any answer, also of one that says no."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server on loopback
            found: Message = answer.headers
    except urllib.error.HTTPError as refused:
        found = refused.headers
    return found


def test_machines_are_answered(server: tuple[subprocess.Popen[str], str], made: tuple[Path, str, str]) -> None:
    _, url = server
    assert json.loads(get(f"{url}/health"))["status"] == "alive"
    assert json.loads(get(f"{url}/ready")) == {"status": "ready", "events": 4, "head": made[2]}
    assert "plumbline_models 0\n" in get(f"{url}/metrics")
    assert "<title>" in get(url)


@pytest.mark.usefixtures("server")
def test_it_listens_before_it_is_warm_and_says_so() -> None:
    assert EARLY["/health"][0] == 200
    code, said = EARLY["/ready"]
    assert code == 503
    assert json.loads(said)["status"] == "warming up"
    assert "pages/drift.py" in json.loads(said)["remaining"]
    code, page = EARLY["/drift"]
    assert code == 503
    assert "This page opens by itself" in page


def test_every_answer_says_what_may_be_done_with_it(server: tuple[subprocess.Popen[str], str]) -> None:
    for path in ("", "/health", "/api/v1/openapi.json", "/none", "/_stcore/health"):
        found = headers(f"{server[1]}{path}")
        said = found["content-security-policy"]
        assert "default-src 'self'" in said, path
        assert "frame-ancestors 'none'" in said
        assert "unsafe-eval" not in said
        assert "unsafe-inline" not in said.split("style-src")[0]
        assert found["x-content-type-options"] == "nosniff"


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


@pytest.mark.usefixtures("asking")
def test_a_backup_is_taken_while_the_app_runs(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "copy.duckdb"
    assert main(["backup", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seq"] == 4
    assert file.stat().st_mode & 0o077 == 0
    assert main(["verify", "--store", str(file)]) == 0
    assert main(["backup", str(file)]) == 2
    assert "such a file already" in capsys.readouterr().err
    assert not list(store.parent.glob("*.copy-*")), "what was sent does not stay"


@pytest.mark.usefixtures("asking")
def test_the_gate_is_asked_while_the_app_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "sme-pd", "1.4"]) == 2
    assert "There is no version 1.4 of a model 'sme-pd'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PLUMBLINE_TOKEN", "", "The server wants to know who asks"),
        ("PLUMBLINE_TOKEN", "plumbline_wrong", "unknown, revoked or past its day"),
        ("PLUMBLINE_SERVER", "http://127.0.0.1:9", "The server does not answer"),
        ("PLUMBLINE_SERVER", "file:///etc/passwd", "no address of a server"),
    ],
)
def test_a_server_that_cannot_be_asked(
    asking: pytest.MonkeyPatch, name: str, value: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asking.setenv(name, value)
    for words in (["gate", "m", "1"], ["backup", str(tmp_path / "copy.duckdb")]):
        assert main(words) == 2
        assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def lines(log: Path) -> list[dict[str, Any]]:
    """Of the server's log; whatever is no line of JSON fails the test."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_log_has_each_request_under_the_id_of_its_answer_and_neither_people_nor_secrets(
    server: tuple[subprocess.Popen[str], str], made: tuple[Path, str, str]
) -> None:
    log, url, token = log_of(made[0]), server[1], made[1]
    asked = {headers(f"{url}{path}")["x-request-id"]: (route, status) for path, route, status in (
        ("/health?who=adm", "/health", 200),
        ("/metrics", "/metrics", 200),
        ("/api/v1/models", "/api/v1/models", 401),
        (f"/api/v1/models/{token}", "/api/v1/models/{model_id}", 401),
        (f"/api/v1/{token}", "/api/v1/*", 404),
    )}  # fmt: skip
    deadline = time.monotonic() + 30
    # A line is written once its answer has left.
    while not asked.keys() <= (found := {line["request_id"]: line for line in lines(log)}).keys():
        assert time.monotonic() < deadline, log.read_text()
    assert {number: (found[number]["route"], found[number]["status"]) for number in asked} == asked
    assert not [line for line in found.values() if line["level"] == "error"]
    for word in (token, "plumbline_", "Adm", '"adm"', "127.0.0.1", "Bearer"):
        assert word not in log.read_text()


@dataclass
class Asking:
    """A command that is on its way: half of it is there when the server is told to stop."""

    url: str
    token: str
    body: bytes = b'{"user_id": "eve", "reason": "left"}'

    def begin(self) -> None:
        self.connection = HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        self.connection.putrequest("POST", "/api/v1/commands/disable-person")
        self.connection.putheader("Authorization", f"Bearer {self.token}")
        self.connection.putheader("Content-Length", str(len(self.body)))
        self.connection.endheaders(self.body[:10])

    def end(self) -> tuple[int, bytes]:
        self.connection.send(self.body[10:])
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def test_sigterm_ends_what_is_in_hand_takes_nothing_new_and_closes_the_store(
    server: tuple[subprocess.Popen[str], str], made: tuple[Path, str, str]
) -> None:
    process, url = server
    store, token, _ = made
    with connect(f"{url.replace('http', 'ws', 1)}/_stcore/stream", origin=Origin(url)) as screen:
        screen.ping().wait(30)
        (asking := Asking(url, token)).begin()
        get(f"{url}/health")  # what came before it has been read by now
        process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed):
            screen.recv(timeout=30)
        assert screen.close_code == 1012, "a screen is told that the server restarts"
        with pytest.raises(OSError, match="refused"):
            get(f"{url}/health")
        status, events = asking.end()
        assert status == 200, events
        assert json.loads(events)["events"][0]["entity_id"] == "eve"
    assert process.wait(timeout=10) == 0
    assert sorted(os.listdir(store.parent)) == [store.name, f"{store.name}.anchor"], "no write-ahead log is left"
    assert not [line for line in lines(log_of(store)) if line["level"] == "error"]
    with duckdb.connect(str(store), read_only=True) as left:
        assert left.execute("select count(*) from event where entity_id = 'eve'").fetchone() == (2,)
