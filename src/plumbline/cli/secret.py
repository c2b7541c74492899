"""Secrets of a verb: from the environment, or from a file that a container or systemd puts there."""

from __future__ import annotations

import os
from pathlib import Path

from plumbline.domain.errors import PlumblineError


def secret(name: str) -> str | None:
    """What the variable `name` holds, or the file that `name`_FILE names, but for the end of its line; None without.

    Raises:
        PlumblineError: both are given, or the file cannot be read. What it holds is never told.
    """
    given, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if not file:
        return given
    if given is not None:
        raise PlumblineError(f"Both {name} and {name}_FILE are set", remedy="Keep one of them.")
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        why = "it is no text in UTF-8"
    except OSError as cause:
        why = cause.strerror or type(cause).__name__
    raise PlumblineError(
        f"The file of {name}_FILE cannot be read: {why}", where=file, remedy="Name a text file that you may read."
    )
