"""How fast a page answers: real websocket sessions against `plumbline serve` on a copy of the sample estate.

Run with `make bench`, or `python bench/pages.py [STORE]`. A page's time runs from the request to the end of its script,
seen from the client on the same machine: an upper bound of the server's time. The promise is 150 ms for a warm page.
Beside it stands the processor time that the server spent on it, which a busy machine does not falsify.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from plumbline.store import inventory
from plumbline.store.database import Store

ROOT = Path(__file__).resolve().parents[1]
PROMISE = 150
DOOR = "door-validator"
PAGES = (
    *("portfolio", "inventory", "approvals", "audit"),
    *("model", "performance", "drift", "segments", "fairness", "explanations"),
)
WARM_RUNS = 5
# The crowd of the design's measurements: join within 10 s, think 3 to 8 s between pages.
CROWD, CROWD_SECONDS, THINK = 20, 40, (3.0, 8.0)


@dataclass
class Visitor:
    """A browser without a screen: signs in by a door, then asks for pages."""

    wire: ClientConnection
    pages: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)

    def ask(self, page: str = "", query: str = "", press: str = "") -> float:
        """Milliseconds until the page's script ended well."""
        request = BackMsg()
        request.rerun_script.query_string = query
        request.rerun_script.page_script_hash = self.pages.get(page, "")
        if press:
            state = request.rerun_script.widget_states.widgets.add()
            state.id = self.buttons[press]
            state.trigger_value = True
        start = time.perf_counter()
        self.wire.send(request.SerializeToString())
        while not self._ended():
            pass
        return 1000 * (time.perf_counter() - start)

    def _ended(self) -> bool:
        message = ForwardMsg()
        content = self.wire.recv(timeout=60)
        assert isinstance(content, bytes)
        message.ParseFromString(content)
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.pages = {page.url_pathname or "": page.page_script_hash for page in message.navigation.app_pages}
            default = next(page for page in message.navigation.app_pages if page.is_default)
            self.pages[default.page_name.lower()] = default.page_script_hash
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "button":
            name = message.delta.new_element.button.id
            self.buttons[name.rsplit("-", 2)[-2] + "-" + name.rsplit("-", 1)[-1]] = name
        return kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


@contextmanager
def visiting(port: int) -> Iterator[Visitor]:
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as wire:
        visitor = Visitor(wire)
        visitor.ask()
        visitor.ask(press=DOOR)
        yield visitor


@contextmanager
def serving(store: Path, log: Path) -> Iterator[tuple[int, int]]:
    """`plumbline serve` until the block ends; its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = [sys.executable, "-m", "plumbline", "serve", "--store", str(store), "--port", str(port)]
    start = time.perf_counter()
    with log.open("w") as said:
        server = subprocess.Popen(words, cwd=ROOT, stdout=said, stderr=said)
    try:
        while "Stop with" not in log.read_text():
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
        print(f"ready after {time.perf_counter() - start:.1f} s\n")
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def estate(folder: Path) -> Path:
    """A copy of the named store, of the project's own, or a sample estate built here."""
    copy = folder / "plumbline.duckdb"
    named = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PLUMBLINE_STORE", "")
    source = Path(named or ROOT / "data" / "store" / "plumbline.duckdb")
    if source.is_file():
        shutil.copy(source, copy)
    else:
        subprocess.run([sys.executable, "-m", "plumbline", "demo", "--store", str(copy)], cwd=ROOT, check=True)
    return copy


def models(store: Path) -> list[str]:
    opened = Store.open(store, clock=lambda: datetime.now(UTC))
    with opened.read() as cursor:
        found = [model.model_id for model in inventory.registered(cursor) if model.versions]
    opened.close()
    return found


def processor_time(pid: int) -> float:
    """Milliseconds of processor that a process has had so far, in all its threads."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def each_page(port: int, pid: int, model_ids: list[str]) -> None:
    """One visitor through every page of every model: the first look, then warm ones."""
    heads = ("first p50", "first max", "warm p50", "warm p95", "of 150 ms", "warm CPU")
    print(f"{'page':<14}" + "".join(f"{head:>11}" for head in heads))
    worst = 0.0
    with visiting(port) as visitor:
        for page in PAGES:
            first = [visitor.ask(page, f"model={model}") for model in model_ids]
            warm, cpu = [], 0.0
            for model in model_ids:
                # Choices kept from the model before may ask for a view that nobody has seen yet.
                visitor.ask(page, f"model={model}")
                before = processor_time(pid)
                warm += [visitor.ask(page, f"model={model}") for _ in range(WARM_RUNS)]
                cpu += processor_time(pid) - before
            p95 = percentile(warm, 95)
            worst = max(worst, p95)
            numbers = (
                f"{statistics.median(first):>11.0f}{max(first):>11.0f}{statistics.median(warm):>11.0f}{p95:>11.0f}"
            )
            print(f"{page:<14}{numbers}{p95 / PROMISE:>10.2f}x{cpu / len(warm):>11.0f}")
    print(f"\nslowest warm p95 {worst:.0f} ms: {'within' if worst < PROMISE else 'over'} the promise of {PROMISE} ms\n")


def crowd(port: int, model_ids: list[str]) -> None:
    """Many at once, each thinking between pages."""
    times: list[float] = []
    ends = time.monotonic() + CROWD_SECONDS

    def visit(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - a repeatable walk, not a secret
        time.sleep(chance.uniform(0, 10))
        with visiting(port) as visitor:
            while time.monotonic() < ends:
                times.append(visitor.ask(chance.choice(PAGES), f"model={chance.choice(model_ids)}"))
                time.sleep(chance.uniform(*THINK))

    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(
        f"{CROWD} sessions, {len(times)} pages: "
        f"p50 {statistics.median(times):.0f} ms, p95 {percentile(times, 95):.0f} ms"
    )


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        store = estate(Path(name))
        model_ids = models(store)
        with serving(store, Path(name) / "serve.log") as (port, pid):
            each_page(port, pid, model_ids)
            crowd(port, model_ids)


if __name__ == "__main__":
    main()
