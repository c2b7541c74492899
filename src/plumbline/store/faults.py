"""What the engine or the disk refuses, told as what happened: in use, damaged, full, read-only, cut off."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

from plumbline.domain.errors import ChainBroken, ReadsOnly, StoreUnavailable

# What a write-ahead log of the engine grows to, and the checkpoint after it: under this much room nothing new begins.
ROOM = 32 * 2**20
FULL = "No space left on device"
READ_ONLY = "Read-only file system"
_OF_THE_DISK = re.compile(
    r"No space left|Read-only file|Could not (write|sync|truncate)|Cannot open file|Input/output error"
)


def read_only(path: str) -> bool:
    """Whether nobody at all may write there: the file system is mounted so."""
    return bool(os.statvfs(Path(path).resolve().parent).f_flag & os.ST_RDONLY)


def hindrance(path: str) -> ReadsOnly | None:
    """What keeps the store at that path from being written now; None if nothing is known to."""
    disk = os.statvfs(Path(path).resolve().parent)
    if disk.f_flag & os.ST_RDONLY:
        return reads_only(path, READ_ONLY)
    if disk.f_bavail * disk.f_frsize < ROOM:
        return reads_only(path, FULL)
    return None


def reads_only(path: str, why: str) -> ReadsOnly:
    """The disk under the store takes nothing more; what is there can be read."""
    if FULL in why:
        return ReadsOnly(
            "The disk of the store is full", where=path, remedy=f"Free at least {ROOM >> 20} MB, then repeat."
        )
    if READ_ONLY in why:
        return ReadsOnly(
            "The disk of the store is read-only",
            where=path,
            remedy="Ask whoever runs the server to see to it, then repeat.",
        )
    return ReadsOnly(
        f"The disk of the store refuses to be written: {why.splitlines()[0]}",
        where=path,
        remedy="See to it, then repeat.",
    )


def of_commit(path: str, error: duckdb.Error) -> ReadsOnly | None:
    """The disk's refusal in a failed commit; None where it was something else, such as a lost race."""
    return reads_only(path, str(error)) if _OF_THE_DISK.search(str(error)) else None


def damaged(path: str, error: duckdb.Error) -> ChainBroken | None:
    """A block of the file that no longer matches its checksum was changed from outside; one may be missing."""
    if "Could not read enough bytes" in str(error):
        return ChainBroken(
            "The store's file is cut short",
            where=path,
            remedy="Keep it as evidence, and go on from a backup that verifies.",
        )
    if "checksum" not in str(error):
        return None
    return ChainBroken(
        "The store's file was changed from outside: a block no longer matches its checksum",
        where=path,
        remedy="Keep the file as evidence, and go on from a backup that verifies.",
    )


def unavailable(path: str, said: str) -> StoreUnavailable:
    """Why the store cannot be opened, with the process that has it, if one has."""
    owner = re.search(r"PID (\d+)", said)
    if "lock" in said and owner:
        return StoreUnavailable(
            f"The store is in use by process {owner.group(1)}{_command_of(owner.group(1))}",
            where=path,
            remedy="Use the running app, or stop it first; nothing was changed.",
        )
    if os.path.isdir(path):
        return StoreUnavailable("The store is a file, and this is a folder", where=path, remedy="Name the file.")
    return StoreUnavailable(
        f"The store cannot be opened: {said.splitlines()[0]}", where=path, remedy="Check the path and its permissions."
    )


def _command_of(pid: str) -> str:
    words = Path(f"/proc/{pid}/cmdline")
    if not os.access(words, os.R_OK):
        return ""
    text = words.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return f" ({text[:80]})" if text else ""
