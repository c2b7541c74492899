"""The server in PLUMBLINE_SERVER: where it runs, it has the store, and verbs ask it with PLUMBLINE_TOKEN."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from plumbline.cli.secret import secret
from plumbline.domain.errors import NotAuthorised, PlumblineError, StoreUnavailable

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.error import HTTPError

WAIT = 60.0  # seconds for the next bytes of an answer


def address() -> str:
    """Where it is; empty where none is named.

    Raises:
        StoreUnavailable: what is named is no address of a server.
    """
    named = os.environ.get("PLUMBLINE_SERVER", "").rstrip("/")
    if named and not _is_address(named):
        raise StoreUnavailable(
            f"PLUMBLINE_SERVER is no address of a server: {named}", remedy="It is like http://localhost:8501."
        )
    return named


def _is_address(named: str) -> bool:
    try:
        parts = urlsplit(named)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read(*path: str, **asked: str | None) -> dict[str, Any]:
    """What a query answers; a refusal of the server is raised here in its words."""
    given = urlencode({name: value for name, value in asked.items() if value is not None})
    return _told("/".join(quote(part, safe="") for part in path) + (f"?{given}" if given else ""))


def send(path: str, body: bytes) -> dict[str, Any]:
    """What the server answers to this JSON."""
    return _told(path, body)


def _told(path: str, body: bytes | None = None) -> dict[str, Any]:
    with _opened(path, body) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def fetch(name: str, file: Path) -> dict[str, str]:
    """A query's answer as a new `file`, written as it comes, and its headers."""
    part = Path(f"{file}.part")
    try:
        with _opened(name) as answer, _new(part) as handle:
            shutil.copyfileobj(answer, handle)
            if answer.length:
                raise StoreUnavailable("The server's answer broke off", where=address(), remedy="Ask again.")
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
    return {key.lower(): value for key, value in answer.headers.items()}


def _opened(path: str, body: bytes | None = None) -> HTTPResponse:
    # A verb that asks no server starts without these.
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    token = secret("PLUMBLINE_TOKEN")
    if not token:
        raise NotAuthorised(
            "The server wants to know who asks",
            duty="authentication",
            where=address(),
            remedy="Set PLUMBLINE_TOKEN to a token of yours: plumbline user token new makes one.",
        )
    if not re.fullmatch(r"[!-~]+", token):
        raise NotAuthorised(
            "PLUMBLINE_TOKEN holds spaces, line breaks or letters that no token has",
            duty="authentication",
            remedy="Set it to the secret alone, as plumbline user token new printed it.",
        )
    request = urllib.request.Request(  # noqa: S310 - `address` takes http and https alone
        f"{address()}/api/v1/{path}",
        data=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=WAIT)  # noqa: S310 - as above
    except urllib.error.HTTPError as refused:
        raise _refusal(refused) from None
    except (OSError, HTTPException) as cause:
        why = getattr(cause, "reason", cause)
        raise StoreUnavailable(
            f"The server does not answer: {why}",
            where=address(),
            remedy="Is it running, and is PLUMBLINE_SERVER right?",
        ) from None
    return answer


def _refusal(refused: HTTPError) -> PlumblineError:
    try:
        said = json.load(refused)
        return PlumblineError(said["title"], where=said.get("where", ""), remedy=said["detail"])
    except (ValueError, KeyError, TypeError):
        return StoreUnavailable(
            f"The server answers {refused.code} {refused.reason}",
            where=address(),
            remedy="PLUMBLINE_SERVER has to be the address of Plumbline itself.",
        )


def _new(part: Path) -> Any:
    """A file for its owner alone."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
    except OSError as cause:
        raise StoreUnavailable(
            f"The file cannot be written: {cause.strerror}", where=str(part), remedy="Name another place."
        ) from None
