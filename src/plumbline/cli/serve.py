"""`plumbline serve`: the app in the browser with its health pages, warmed up before the first visitor."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import runpy
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import plumbline
from plumbline.cli.opening import store_path
from plumbline.connect import server_log
from plumbline.domain.errors import NotFound, PlumblineError

if TYPE_CHECKING:
    import streamlit as st

# Beside the package, where Streamlit finds the pages: the app's script and the application made of it.
ROOT = Path(plumbline.__file__).resolve().parents[2]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, help="8501 by default")
    parser.add_argument("--host", default="127.0.0.1", help="this machine alone by default; 0.0.0.0 for the network")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; PlumblineError when the port, the store or the pages are not to be had."""
    if not (ROOT / "asgi.py").is_file():
        raise NotFound(
            "The app's pages are not there", where=str(ROOT), remedy="Run it from a clone, installed with -e."
        )
    check_port(args.host, args.port)
    store = store_path(args).resolve()
    if not store.is_file():
        raise NotFound(
            "There is no store to serve",
            where=str(store),
            remedy="Make one: `plumbline demo` for the sample estate, `plumbline init` for your own.",
        )
    os.environ["PLUMBLINE_STORE"] = str(store)
    _serve(args.host, args.port)
    return 0


def check_port(host: str, port: int) -> None:
    """PlumblineError if nobody can listen there."""
    if not 0 < port < 65536:
        raise PlumblineError(f"There is no port {port}", remedy="Name one from 1 to 65535 with --port.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as cause:
        taken = cause.errno == errno.EADDRINUSE
        what = f"Port {port} is taken" if taken else f"Nothing can listen on {host}, port {port}: {cause.strerror}"
        raise PlumblineError(what, where=host, remedy="Name another with --port, or stop what listens there.") from None


def _serve(host: str, port: int) -> None:
    # Streamlit reads its settings and finds its pages beside the script that it believes was started.
    os.chdir(ROOT)
    sys.argv = [str(ROOT / "app.py")]
    server_log.to_stderr()
    signal.signal(signal.SIGTERM, _end)
    # Drawing pages before Streamlit's own part has begun is meant; it would warn of that until then.
    logging.disable(logging.WARNING)
    print("Opening the store and drawing every page once ...", flush=True)
    made = runpy.run_path(str(ROOT / "asgi.py"))["application"]
    app: st.App = made(ready=lambda: _ready(host, port), tell=lambda line: print(line, flush=True))
    app.run(
        config={
            "server.address": host,
            "server.port": port,
            "server.headless": True,
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": False,
            "logger.hideWelcomeMessage": True,
            "logger.enableRich": False,
        }
    )


def _end(*_: object) -> NoReturn:
    """Before there is a server nothing is in hand; one that runs ends what it has in hand, and then passes this on."""
    sys.exit(0)


def _ready(host: str, port: int) -> None:
    logging.disable(logging.NOTSET)
    server_log.to_stderr()  # Streamlit and uvicorn have started, and brought their own
    name = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 - a comparison
    print(
        f"Plumbline is on http://{name}:{port}\n"
        "Sign in with your user name and password; on the sample estate walk in by one of the three doors.\n"
        "Stop with Ctrl-C.",
        flush=True,
    )
