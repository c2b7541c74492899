"""Backup and restore: a consistent copy while the app runs, and one put back only when it proves itself."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from plumbline.domain.errors import ChainBroken, NotAuthorised, NotFound, StoreUnavailable
from plumbline.domain.people import Actor, Role
from plumbline.services import access, integrity
from plumbline.services.context import Context
from plumbline.store import log
from plumbline.store.database import WAL, Store
from plumbline.workflow.permissions import check_scope

Open = Callable[[Path], Context]
Prove = Callable[[Context], Actor]
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that holds the whole store up to event `seq`."""

    path: Path
    size: int  # bytes
    sha256: str
    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands now, and where what stood before is kept; None where there was nothing."""

    seq: int
    head: str
    before: Path | None


def backup(ctx: Context, file: Path) -> Copied:
    """The store as of its last commit in a new `file`, opened once and compared before it gets that name.

    Raises:
        StoreUnavailable: the file is there already, or cannot be written.
    """
    check_new(file)
    part = Path(f"{file}.part")
    _at(part.parent)
    _clear(part)
    try:
        ctx.store.copy_to(part)
        part.chmod(0o600)  # it holds what passwords hash to
        copy = Store.open(part, clock=ctx.clock)
        with copy.read() as cursor:
            seq, head = log.head(cursor)
        copy.close()
        os.replace(part, file)
    finally:
        _clear(part)
    return Copied(file, file.stat().st_size, _sha256(file), seq, head)


def check_new(file: Path) -> None:
    """A backup never takes the place of another: StoreUnavailable where there is such a file."""
    if file.exists():
        raise StoreUnavailable("There is such a file already", where=str(file), remedy="Name one that is not there.")


def check_came(copied: Copied) -> Copied:
    """A copy that travelled is what was sent; StoreUnavailable, and no file, where it is not."""
    if _sha256(copied.path) != copied.sha256:
        copied.path.unlink()
        raise StoreUnavailable("The copy was damaged on its way", where=str(copied.path), remedy="Ask again.")
    return copied


def taken(ctx: Context, actor: Actor) -> Copied:
    """A backup for an administrator elsewhere, beside the store, to be sent and deleted; who took it is written down.

    Raises:
        NotAuthorised: for any other role, and for a token that speaks for some models alone; it is written down.
    """
    try:
        _check_may_take(actor)
    except NotAuthorised as refusal:
        _log(ctx, actor, "refused", {"command": "backup", "rule": refusal.duty}, refusal.what)
        raise
    done = backup(ctx, Path(f"{ctx.store.path}.copy-{ctx.new_id()}"))
    payload = {"sha256": done.sha256, "seq": done.seq, "head": done.head}
    _log(ctx, actor, "backed_up", payload, f"The store up to event {done.seq} was copied")
    return done


def _check_may_take(actor: Actor) -> None:
    if actor.acting_role is not Role.ADMINISTRATOR:
        raise NotAuthorised(
            "Only an administrator takes the whole store away", duty="role", remedy="Use a token in that role."
        )
    check_scope(actor, "the whole store")


def restore(file: Path, store: Path, *, opened: Open, prove: Prove) -> Restored:
    """Put a backup in the place of `store`, once it has proven itself and an administrator in it has asked.

    What stood before is kept beside it. `opened` gives the context over a path, `prove` the person who asks.

    Raises:
        NotFound: no such file. ChainBroken: the backup does not prove itself. NotAuthorised: who asks is no
        administrator in it. StoreUnavailable: the store is in use, or the backup is of a newer Plumbline.
        None of them has changed anything.
    """
    if not file.is_file():
        raise NotFound("There is no such backup", where=str(file), remedy="Check the path.")
    if store.exists() and file.samefile(store):
        raise StoreUnavailable("That is the store itself", where=str(file), remedy="Name the backup's file.")
    Store.as_it_is(file).close()
    last = _last_event(store)
    part = Path(f"{store}.restoring")
    _at(part.parent)
    _clear(part)
    try:
        _copy(file, part)
        seq, head, at = _proven(part, file, last, opened=opened, prove=prove)
        before = _swap(part, store, at)
    finally:
        _clear(part)
    _carry_anchors(store, before, opened)
    return Restored(seq, head, before)


def _last_event(store: Path) -> int | None:
    """What is about to be replaced ends there; None where there is nothing that can be read. In use is refused."""
    if not store.exists():
        return None
    try:
        there = Store.as_it_is(store)
    except ChainBroken:
        return None
    try:
        return there.revision()
    finally:
        there.close()


def _copy(file: Path, part: Path) -> None:
    try:
        for ending in ("", WAL):
            if os.path.exists(f"{file}{ending}"):
                shutil.copyfile(f"{file}{ending}", f"{part}{ending}")
        part.chmod(0o600)
    except OSError as cause:
        raise StoreUnavailable(
            f"The backup cannot be copied: {cause.strerror}", where=str(part), remedy="Check space and permissions."
        ) from None


def _proven(part: Path, file: Path, last: int | None, *, opened: Open, prove: Prove) -> tuple[int, str, datetime]:
    """The head of a copy that holds, with the restoring written down in it."""
    ctx = _opened(part, file, opened)
    try:
        found = integrity.verify(ctx)
        broken = next((check for check in found.checks if not check.holds), None)
        if broken:
            raise ChainBroken(
                f"The backup does not prove itself: {broken.name}: {broken.found}",
                where=str(file),
                remedy="Keep it as evidence and take an earlier one; nothing was changed.",
            )
        actor = prove(ctx)
        if Role.ADMINISTRATOR not in actor.roles:
            raise NotAuthorised(
                "Only an administrator restores a store",
                duty="role",
                remedy="Sign in as an administrator of the backup.",
            )
        at = ctx.clock()
        _write_down(ctx, actor, _sha256(file), found, last)
        return found.seq, found.head, at
    finally:
        ctx.store.close()


def _opened(part: Path, file: Path, opened: Open) -> Context:
    """The copy, under the name of what it is a copy of."""
    try:
        return opened(part)
    except (StoreUnavailable, ChainBroken) as refusal:
        raise type(refusal)(refusal.what, where=str(file), remedy=refusal.remedy) from None


def _write_down(ctx: Context, actor: Actor, sha256: str, found: integrity.Verification, last: int | None) -> None:
    payload = {"sha256": sha256, "seq": found.seq, "head": found.head, "replaced_seq": last}
    said = f"The store was restored from a backup that ends with event {found.seq}"
    _log(ctx, replace(actor, acting_role=Role.ADMINISTRATOR), "restored", payload, said)


def _log(ctx: Context, actor: Actor, action: str, payload: dict[str, Any], said: str) -> None:
    with ctx.store.transaction() as cursor:
        about = ("store", "store")
        access.enter(
            cursor, ctx, actor.user_id, actor.acting_role.value, action, about=about, payload=payload, reason=said
        )


def _swap(part: Path, store: Path, at: datetime) -> Path | None:
    """The copy in the store's place in one step; what was there keeps another name."""
    before = Path(f"{store}.before-{at.strftime(STAMP)}") if store.exists() else None
    if before:
        os.link(store, before)
        if os.path.exists(f"{store}{WAL}"):  # of one that could not be opened
            os.replace(f"{store}{WAL}", f"{before}{WAL}")
    os.replace(part, store)
    return before


def _carry_anchors(store: Path, before: Path | None, opened: Open) -> None:
    """Heads kept outside the file speak of the log that was replaced: they stay with it, and begin anew."""
    anchors = integrity.anchor_path(str(store))
    if anchors and anchors.exists() and before:
        os.replace(anchors, f"{before}.anchor")
    ctx = opened(store)
    try:
        integrity.anchor(ctx, "restore")
    finally:
        ctx.store.close()


def _at(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise StoreUnavailable(
            f"Nothing can be written there: {cause.strerror}", where=str(folder), remedy="Name another folder."
        ) from None


def _clear(part: Path) -> None:
    """What an attempt that was cut off has left."""
    for ending in ("", WAL):
        Path(f"{part}{ending}").unlink(missing_ok=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
