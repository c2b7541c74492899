"""The printed report holds the pinned evidence and the signature, and cannot run anything."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from plumbline.domain.errors import NotFound
from plumbline.exports import validation_report
from plumbline.services import evidence

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Collects tags and text, and whether every tag is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page(archive: Any) -> Page:
    return Page(validation_report.html(archive.ctx, archive.actor("aud"), archive.case_id))


def test_the_page_is_whole_and_runs_nothing(page: Page) -> None:
    assert page.open == []
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text


def test_figures_findings_and_facts_come_from_the_manifest(page: Page, archive: Any) -> None:
    manifest = evidence.manifest_of(archive.ctx, archive.case_id)
    assert manifest.hash in page.text
    assert "■ breach" in page.text
    assert "12\u202f345" in page.text
    assert "Gaps & holes. Term is missing" in page.text
    assert all(item.sha256 in page.text for item in manifest.items if item.kind != "result")


def test_the_signature_block_is_complete(page: Page, archive: Any) -> None:
    with archive.ctx.store.read() as cursor:
        (signature,) = evidence.state_of_case(cursor, archive.case_id).cases[archive.case_id].signatures
    for part in (signature.printed_name, signature.meaning, signature.comment, signature.manifest_hash, signature.hash):
        assert part in page.text


def test_an_unknown_case_or_model_is_named(archive: Any) -> None:
    with pytest.raises(NotFound, match="no case nope"):
        validation_report.html(archive.ctx, archive.actor("aud"), "nope")
    with pytest.raises(NotFound, match="no case about 'nope'"):
        validation_report.newest_case(archive.ctx, "nope")
    assert validation_report.newest_case(archive.ctx, "m") == archive.case_id
