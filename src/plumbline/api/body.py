"""The body of a request, up to what any request of ours takes."""

from __future__ import annotations

from starlette.requests import Request

from plumbline.domain.errors import EvidenceMissing

LARGEST = 1_000_000  # bytes: the longest command is a model's register entry, a few kilobytes


async def body_of(request: Request, most: int = LARGEST) -> bytes:
    """All of it; EvidenceMissing, without reading on, where it is longer than `most` bytes."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise EvidenceMissing("The request is longer than any command", remedy=f"It takes at most {most:,} bytes.")
    return bytes(body)
