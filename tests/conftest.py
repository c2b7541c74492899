"""Fixtures that every room may use: fixed time, counted ids, the shared data, the long tier."""

from __future__ import annotations

import fcntl
import gc
import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
NOON = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)


# What shares a server, a browser, an estate or a warehouse goes to one test process, which makes it once; the walk
# through every page takes as long as all other walks together, and goes to another. By path: the marks of pytest-xdist
# 3.8 come to nothing under pytest 9.2.
TOGETHER = (
    *("tests/browser/test_accessible.py", "tests/browser/", "tests/pages/", "tests/demo/", "tests/explain/"),
    *(
        "tests/cli/test_serve.py",
        "tests/cli/test_behind_nginx.py",
        "tests/cli/test_selftest.py",
        "tests/services/test_contract.py",
    ),
    *("tests/services/test_self_test.py", "tests/services/test_silent.py", "postgres", "spark"),
)


class Together(LoadScopeScheduling):  # type: ignore[misc]  # the package has no types
    """Each test by itself, but for those."""

    def _split_scope(self, nodeid: str) -> str:
        return next((shared for shared in TOGETHER if shared in nodeid), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Together(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes long or needs more")


# A law is tried on so many examples, and never judged by how long one took: that depends on what else runs.
settings.register_profile("test", deadline=None, max_examples=25)
settings.register_profile("test-long", deadline=None, max_examples=400)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: runs in `make test-long` only")
    settings.load_profile("test-long" if config.getoption("--long") else "test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    keep = [item for item in items if item.get_closest_marker("long") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in keep])
    items[:] = keep


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One test process at a time; the others wait for its work and use it."""
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """One process after the other, so that the first writes what all would make of the assertions in every file.

    What is collected lives until the end: the collector need not look at it, neither now nor after every page drawn.
    """
    gc.disable()
    try:
        with alone(Path(__file__)):
            return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    gc.unfreeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data and test vectors beside the project; a test that wants them steps aside, loudly, without them."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared (real data and oracle vectors) is absent, so this test steps aside")
    return folder


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOON


@pytest.fixture
def new_id() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"id-{next(numbers):04d}"


@pytest.fixture(scope="session")
def sample_estate_file(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The sample estate's store, built once by its own door for all test processes; never opened, only copied."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder if worker_id == "master" else folder.parent
    store = folder / "estate" / "plumbline.duckdb"
    with alone(folder / "estate.lock"):
        if not store.exists():
            building = folder / "building"
            building.mkdir()
            door = [sys.executable, "-m", "plumbline", "demo", "--store", str(building / store.name)]
            done = subprocess.run(
                [*door, "--logs", str(building / "logs")], cwd=ROOT, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"the sample estate could not be built:\n{done.stdout}\n{done.stderr}"
            building.rename(store.parent)
    return store


@pytest.fixture
def sample_estate(sample_estate_file: Path, tmp_path: Path) -> Path:
    """A copy of the sample estate's store, to be opened and changed freely."""
    return Path(shutil.copy(sample_estate_file, tmp_path / "plumbline.duckdb"))


@pytest.fixture(scope="session")
def sample_logs(sample_estate_file: Path) -> Path:
    """The raw logs and model files that the sample estate was made from."""
    return sample_estate_file.parent / "logs"
