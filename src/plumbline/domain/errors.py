"""Everything Plumbline refuses, said in words: what happened, where, and what to do."""

from __future__ import annotations

import math
from datetime import timedelta


class PlumblineError(Exception):
    """Root of every refusal; anything else that escapes is a fault of our own.

    >>> str(PlumblineError("The column 'score' is missing", where="log.csv", remedy="Name it under [log] score."))
    "The column 'score' is missing (log.csv). Name it under [log] score."
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what.rstrip(".")
        self.where = where
        self.remedy = remedy
        place = f" ({where})" if where else ""
        super().__init__(f"{self.what}{place}. {remedy}".rstrip())


class NotAuthorised(PlumblineError):
    """The person may not do this; `duty` names the rule (`S1`, `S2`, `S8`, or the role that is missing)."""

    def __init__(self, what: str, *, duty: str = "", where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.duty = duty


class WeakPassword(PlumblineError):
    """The password that somebody chose will not do; says why, and what would."""


class TransitionNotAllowed(PlumblineError):
    """The lifecycle has no such step from where the version stands."""


class EvidenceMissing(PlumblineError):
    """The step asks for evidence that is not there, or that has changed since it was pinned."""


class StaleRevision(PlumblineError):
    """Somebody else wrote first; read again and repeat."""


class AskedTooOften(PlumblineError):
    """A script asks more often than the access policy allows; `wait` is how many whole seconds to leave it alone."""

    def __init__(self, what: str, *, wait: timedelta) -> None:
        self.wait = math.ceil(wait.total_seconds())
        super().__init__(what, remedy=f"Wait {self.wait} s and ask again.")


class PolicyError(PlumblineError):
    """A policy pack is unusable: names the file and the key."""


class LogError(PlumblineError):
    """A prediction log, label file or model file cannot be used."""


class ArtefactError(PlumblineError):
    """A model artefact cannot be loaded, or must not be."""


class ChainBroken(PlumblineError):
    """The event log no longer proves itself; names the first broken sequence number."""


class NotFound(PlumblineError):
    """There is no such model, version, case, person or file."""


class StoreUnavailable(PlumblineError):
    """The store cannot be opened: owned by another process, newer than this code, or not a store."""


class ReadsOnly(StoreUnavailable):
    """The store can be read and not written now: its disk is full or read-only, or the clock is behind its log."""


class StoreBusy(StoreUnavailable):
    """Others write; `wait` is how many whole seconds to leave it alone. Nothing was begun."""

    def __init__(self, what: str, *, wait: timedelta) -> None:
        self.wait = math.ceil(wait.total_seconds())
        super().__init__(what, remedy=f"Nothing was changed. Wait {self.wait} s and ask again.")
