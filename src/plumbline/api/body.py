"""The body of a request, up to what any request of ours takes."""

from __future__ import annotations

from starlette.requests import Request

from plumbline.domain.errors import EvidenceMissing

LARGEST = 1_000_000  # bytes: the longest command is a model's register entry, a few kilobytes


async def body_of(request: Request) -> bytes:
    """All of it; EvidenceMissing, without reading on, where it is longer than any command."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise EvidenceMissing(
                "The request is longer than any command", remedy=f"It takes at most {LARGEST:,} bytes."
            )
    return body
