"""Opening the store for a verb: where it is, with the real clock, fresh ids and the shipped policy."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

from plumbline.cli.clock import now
from plumbline.domain.errors import StoreUnavailable
from plumbline.policy.load import load_policy
from plumbline.services.context import Context
from plumbline.store.database import Store

DEFAULT = Path("data/store/plumbline.duckdb")


def store_path(args: argparse.Namespace) -> Path:
    """`--store`, else PLUMBLINE_STORE, else the project's own folder."""
    return Path(args.store or os.environ.get("PLUMBLINE_STORE") or DEFAULT)


def new_id() -> str:
    return uuid4().hex[:12]


@contextmanager
def opened(args: argparse.Namespace, *, create: bool = False, patience: float = 0.0) -> Iterator[Context]:
    """The use cases' context over the store, closed afterwards; without `create` the file has to be there.

    `patience`: seconds to wait for another process that has the store.
    """
    path = store_path(args)
    if not create and not path.exists():
        raise StoreUnavailable(
            "There is no store yet",
            where=str(path),
            remedy="Make one with plumbline init, or name another with --store.",
        )
    store = _waited_for(path, patience)
    try:
        yield Context(store, now, new_id, load_policy())
    finally:
        store.close()


def _waited_for(path: Path, patience: float) -> Store:
    until = monotonic() + patience
    while True:
        try:
            return Store.open(path, clock=now)
        except StoreUnavailable:
            if monotonic() >= until:
                raise
        sleep(0.2)
