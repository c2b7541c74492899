"""The server behind Debian's nginx as `deploy/nginx.conf` sets it up: signed in by TLS, and all holds as before."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright
from tests.browser.conftest import FLAGS, ROOT, chromium, free_port, serving
from tests.browser.visitor import Visitor

from plumbline.demo.people import PASSWORD
from plumbline.domain.people import Role
from plumbline.policy.load import load_policy
from plumbline.services import identity
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

pytestmark = pytest.mark.long
NAME = "plumbline.example"
WRONG = "not-the-password"
# What stands around a site's file in Debian's own nginx.conf, but for its folders.
AROUND = "daemon off;\npid nginx.pid;\n{user}events {{}}\nhttp {{\n{folders}include {site};\n}}\n"
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx_program() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not found and os.getuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "nginx-light"], check=False, capture_output=True)
        found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not found:
        pytest.skip("nginx is not installed (apt-get install nginx-light), so it is not tried")
    return found


def certificate(folder: Path) -> tuple[Path, Path]:
    """Signed by itself, for a day."""
    names = (folder / "cert.pem", folder / "key.pem")
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}"]
    subprocess.run(
        ["openssl", "req", *words, "-addext", f"subjectAltName=DNS:{NAME}", "-out", names[0], "-keyout", names[1]],
        check=True,
        capture_output=True,
    )
    return names


def site(server: str, plain: int, secure: int, cert: Path, key: Path) -> str:
    """The example that we ship, on ports and with a certificate of the test's."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    changes = {
        "server 127.0.0.1:8501;": f"server {server.removeprefix('http://')};",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "/etc/ssl/certs/plumbline.pem": str(cert),
        "/etc/ssl/private/plumbline.key": str(key),
    }
    for shipped, here in changes.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, here)
    return text


@dataclass(frozen=True)
class Front:
    """Where nginx listens, for whom its certificate stands, and what Plumbline has written so far."""

    plain: int
    secure: int
    cert: Path
    log: Path

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.secure}"

    def get(self, path: str) -> HTTPResponse:
        """By TLS, whose certificate holds; the name leads to this machine."""
        trusted = ssl.create_default_context(cafile=str(self.cert))
        trusted.check_hostname = False
        asked = HTTPSConnection("127.0.0.1", self.secure, context=trusted, timeout=30)
        asked.request("GET", path, headers={"Host": f"{NAME}:{self.secure}"})
        return asked.getresponse()

    def lines(self) -> list[dict[str, Any]]:
        said = self.log.read_text().splitlines()
        return [json.loads(line) for line in said if line.startswith("{")]


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    program, folder = nginx_program(), tmp_path_factory.mktemp("nginx")
    store = folder / "plumbline.duckdb"
    people(store)
    cert, key = certificate(folder)
    found = Front(free_port(), free_port(), cert, store.with_suffix(".log"))
    with serving(store) as server:
        (folder / "site.conf").write_text(site(server, found.plain, found.secure, cert, key))
        folders = "".join(f"{each}_temp_path {folder / each};\n" for each in FOLDERS)
        user = "user root;\n" if os.getuid() == 0 else ""
        around = AROUND.format(user=user, folders=folders, site=folder / "site.conf")
        (folder / "nginx.conf").write_text(around)
        with (folder / "error.log").open("w") as said:
            words = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
            process = subprocess.Popen(words, stderr=said)
            try:
                wait_for(found, process, folder / "error.log")
                yield found
            finally:
                process.terminate()
                process.wait(timeout=30)


def people(store: Path) -> None:
    ctx = Context(Store.open(store, clock=now), now, lambda: "id", load_policy())
    hashed = identity.hash_password(PASSWORD)
    added = c.AddPerson(user_id="ida", name="Ida Berg", password_hash=hashed, initial=False)
    handle_together(ctx, [added, c.GrantRole(user_id="ida", role=Role.AUDITOR)], SYSTEM)
    ctx.store.close()


def now() -> datetime:
    return datetime.now(UTC)


def wait_for(front: Front, nginx: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert nginx.poll() is None, said.read_text()
        try:
            front.get("/health").read()
            return
        except OSError:
            assert time.monotonic() < deadline, said.read_text()
        Event().wait(0.05)


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    """A browser for which the name leads here, and which takes a certificate that nobody else signed."""
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        rules = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, rules])
        opened = browser.new_context(ignore_https_errors=True)
        opened.set_default_timeout(60_000)
        yield opened
        browser.close()


def test_plain_http_leads_to_tls_and_answers_come_as_they_left(front: Front) -> None:
    asked = HTTPConnection("127.0.0.1", front.plain, timeout=30)
    asked.request("GET", "/model?model=sme-pd", headers={"Host": NAME})
    led = asked.getresponse()
    assert (led.status, led.getheader("Location")) == (301, f"https://{NAME}/model?model=sme-pd")
    for path in ("/", "/health", "/metrics", "/api/v1/openapi.json", "/api/v1/none"):
        found = front.get(path)
        assert found.getheader("Strict-Transport-Security") == "max-age=31536000", path
        assert "default-src 'self'" in (found.getheader("Content-Security-Policy") or "")
        assert found.getheader("X-Content-Type-Options") == "nosniff"
        assert found.getheader("X-Frame-Options") == "DENY"
        assert len(found.getheader("X-Request-ID") or "") == 32, "nginx's own"
        found.read()


def test_a_person_signs_in_by_tls_alone_and_stays_so(front: Front, context: BrowserContext) -> None:
    visitor = Visitor(context.new_page(), front.url)
    sockets: list[str] = []
    visitor.page.on("websocket", lambda socket: sockets.append(socket.url))
    visitor.open()
    visitor.write("sign-in-user", "ida")
    visitor.write("sign-in-password", WRONG)
    visitor.press("sign-in-send")
    expect(visitor.page.get_by_test_id("stAlert").first).to_be_visible()
    visitor.sign_in("ida")
    assert sockets
    assert all(each.startswith(f"wss://{NAME}:{front.secure}/") for each in sockets)
    cookie = next(each for each in context.cookies() if each.get("name") == "plumbline_session")
    assert cookie.get("secure"), "it never travels in the clear"
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Strict"
    visitor.page.reload()
    visitor.settled()
    expect(visitor.page.get_by_test_id("stSidebar")).to_contain_text("Ida Berg")


def test_the_log_has_the_requests_under_nginx_ids_and_nobody_in_them(front: Front) -> None:
    """All that the tests above asked for."""
    number = front.get("/ready").getheader("X-Request-ID")
    deadline = time.monotonic() + 30
    # A line is written once its answer has left.
    while f'"{number}"' not in front.log.read_text():
        assert time.monotonic() < deadline, number
    lines = front.lines()
    assert ("/session", 204) in {(line.get("route"), line.get("status")) for line in lines}
    assert not [line for line in lines if line["level"] == "error"]
    for word in (PASSWORD, WRONG, "Ida", '"ida"', "sme-pd", NAME, "127.0.0.1:"):
        assert word not in front.log.read_text().split("Stop with", 1)[1], word
