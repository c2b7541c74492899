"""What every answer tells the browser it may do with it: load from this server alone, in no frame, told to nobody."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def policy(page: str) -> str:
    """The Content Security Policy under which the shell page of the app works, and no more.

    Scripts are this server's, the page's own inline ones by their hash, and blobs: a component without a file comes as
    one. Styles are written into the page by Streamlit and Plotly as they draw.

    >>> policy("<script>x = 1</script>").split("; ")[1]
    "script-src 'self' blob: 'sha256-j/Q23vFFEoVZmhsa1wgASTuNyv3ikS4aODRWMwVOTCY='"
    """
    hashes = (hashlib.sha256(inline.encode()).digest() for inline in INLINE.findall(page))
    known = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' blob: {known}".strip(),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def headers(shell: Path) -> dict[str, str]:
    """All of them; `shell` is the page that the app is drawn into."""
    return {
        "Content-Security-Policy": policy(shell.read_text(encoding="utf-8")),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


@dataclass(frozen=True, slots=True)
class Guarded:
    """An application whose every answer has them, whoever makes it."""

    app: ASGIApp
    headers: dict[str, str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, self._telling(send) if scope["type"] == "http" else send)

    def _telling(self, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        return told
