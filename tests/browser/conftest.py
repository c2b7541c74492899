"""A real server on a copy of the sample estate, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect, sync_playwright
from tests.browser.visitor import Arrive, Visitor

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """A Chromium on the PATH, or None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


# Of one file alone: while Playwright is at work no other test of the process can run a loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Fails, and says so, where there is no Chromium at all."""
    # A busy machine is slow, not wrong: what is awaited may take its time, what is missing still fails.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        except Exception as fault:
            pytest.fail(f"no Chromium could be started; install one (apt-get install chromium): {fault}")
        yield opened
        opened.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=2) as answer:  # noqa: S310 - our own server on loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def serving(store: Path, *, port: int = 0, **settings: str) -> Iterator[str]:
    """`plumbline serve` over that store, until the block ends; yields its address."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    log = store.with_suffix(".log").open("w")
    door = [
        sys.executable,
        "-m",
        "plumbline",
        "serve",
        "--store",
        str(store),
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    pause = threading.Event()
    server = subprocess.Popen(
        door, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1", **settings}
    )
    try:
        deadline = time.monotonic() + 90
        while not ready(url):
            said = store.with_suffix(".log").read_text()
            assert server.poll() is None, said
            assert time.monotonic() < deadline, said
            pause.wait(0.2)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


@pytest.fixture
def estate(sample_estate: Path) -> Iterator[str]:
    """The address of a server over a fresh copy of the sample estate."""
    with serving(sample_estate) as url:
        yield url


@pytest.fixture(scope="session")
def busy_estate(sample_estate_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for tests that each decide about a model of their own."""
    with serving(Path(shutil.copy(sample_estate_file, tmp_path_factory.mktemp("busy") / "plumbline.duckdb"))) as url:
        yield url


@pytest.fixture(scope="session")
def quiet_estate(sample_estate_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests that only read."""
    with serving(Path(shutil.copy(sample_estate_file, tmp_path_factory.mktemp("quiet") / "plumbline.duckdb"))) as url:
        yield url


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Arrive]:
    """Makes fresh visitors of an address, each with a session of its own; no browser refused anything of ours."""
    opened: list[BrowserContext] = []
    refused: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            refused.append(said.text)

    def at(url: str) -> Visitor:
        opened.append(browser.new_context(viewport={"width": 1440, "height": 1000}))
        opened[-1].set_default_timeout(60_000)
        opened[-1].on("console", hear)
        return Visitor(opened[-1].new_page(), url)

    yield at
    for context in opened:
        context.close()
    assert not refused
