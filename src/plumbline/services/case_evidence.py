"""Pinned evidence made readable: figures with interval, n and verdict, other pieces in a line, then and now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from plumbline.domain.results import REFERENCE, Level
from plumbline.domain.signoff import ManifestItem, Severity
from plumbline.services.by_window import metric_words
from plumbline.services.views.approvals import Difference, EvidenceFigure, EvidenceItem
from plumbline.services.views.figures import count, significant, window_words
from plumbline.workflow.situation import Change

Content = Mapping[str, Any]
SEVERITIES = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW]


def figures(pinned: Iterable[ManifestItem]) -> tuple[EvidenceFigure, ...]:
    """The pinned results: past a limit first, not measured last; newer windows and whole populations first."""
    found = [(json.loads(item.content), item.sha256) for item in pinned if item.kind == "result"]
    found.sort(key=lambda pair: pair[0]["segment_by"] is not None)
    found.sort(key=lambda pair: pair[0]["window_start"] or "", reverse=True)
    found.sort(key=lambda pair: -_rank(pair[0]))
    return tuple(_figure(content, sha256) for content, sha256 in found)


def items(pinned: Iterable[ManifestItem]) -> tuple[EvidenceItem, ...]:
    """Everything pinned that is not a figure."""
    return tuple(
        EvidenceItem(item.kind, item.id, says(item.kind, json.loads(item.content)), item.sha256, item.binding)
        for item in pinned
        if item.kind != "result"
    )


def brief(pinned: Sequence[ManifestItem], months: int | None) -> tuple[str, ...]:
    """What a reader without statistics needs: what it does, for whom, what is wrong with it.

    `months` is how long an approval would last, None where it has no end.
    """
    content = {item.kind: json.loads(item.content) for item in pinned if item.kind in ("entry", "use")}
    entry, use = content.get("entry"), content.get("use")
    if entry is None or use is None:
        return ()
    results = [json.loads(item.content) for item in pinned if item.kind == "result"]
    findings = [json.loads(item.content) for item in pinned if item.kind == "finding"]
    return (
        f"What it does: {_stopped(entry['purpose'])}",
        f"What is asked: {_asked(months)} for this use: {_stopped(use['purpose'])}",
        f"What is at stake: {_stakes(entry)}.",
        f"What the figures say: {_counted(results)}",
        f"Known weaknesses: {_stopped('; '.join(entry['limitations']) or 'none is stated')} {_open(findings)}",
    )


def _stopped(words: str) -> str:
    return f"{words.strip().rstrip('.')}."


def _asked(months: int | None) -> str:
    return f"approval for {months} months" if months else "approval without an end date"


def _stakes(entry: Content) -> str:
    decisions, money = entry["decisions_per_year"], entry["exposure_amount"]
    about = "about people" if entry["affects_people"] else "none of them about a person"
    parts = [f"{count(decisions)} decisions a year, {about}" if decisions else f"its decisions are {about}"]
    parts += [f"{entry['exposure_currency']} {_money(money)} of exposure"] if money else []
    return "; ".join(parts)


def _money(amount: float) -> str:
    """Nobody counts the noughts of a milliard."""
    for size, name in ((1e9, " billion"), (1e6, " million")):
        if amount >= size:
            return f"{significant(amount / size)}{name}"
    return significant(amount)


def _counted(results: Sequence[Content]) -> str:
    levels = [result["verdict"] for result in results]
    if not levels:
        return "nothing was measured when the evidence was pinned."
    red, amber, grey = (levels.count(level) for level in (Level.RED, Level.AMBER, Level.GREY))
    judged = len(levels) - grey
    unjudged = f" Another {grey} could not be judged: too little data." if grey else ""
    if not red + amber:
        return f"none of the {judged} that could be judged is past a limit.{unjudged}"
    return f"of {judged} that could be judged, {red} are in breach and {amber} past an amber limit.{unjudged}"


def _open(findings: Sequence[Content]) -> str:
    if not findings:
        return "No finding is open."
    worst_first = sorted(findings, key=lambda finding: SEVERITIES.index(finding["severity"]))
    named = "; ".join(f"{_stopped(finding['title'])[:-1]} ({finding['severity']})" for finding in worst_first)
    return f"Open findings: {named}."


def differences(changed: Iterable[Change]) -> tuple[Difference, ...]:
    return tuple(
        Difference(_named(change), _text(change.kind, change.then), _text(change.kind, change.now), change.binding)
        for change in changed
    )


def says(kind: str, content: Any) -> str:
    """A piece of evidence in one line."""
    maker = _SAYS.get(kind)
    return maker(content) if maker and isinstance(content, Mapping) else ""


_SAYS: dict[str, Callable[[Content], str]] = {
    "artefact": lambda c: f"{c['artefact'] or 'no artefact'}, SHA-256 {c['sha256'][:12] or 'none'}",
    "document": lambda c: f"{c['kind']}: {c['name']}",
    "entry": lambda c: c["purpose"],
    "explanation": lambda c: f"{c['rows']} rows, {c['method']}",
    "finding": lambda c: f"{c['severity']}, {c['status'].replace('_', ' ')}: {c['title']}",
    "limits": lambda c: f"tier {c['tier']}; {'; '.join(c['limitations']) or 'no limitation stated'}",
    "policy": lambda c: (
        f"version {c['version']}, owner {c['owner']}" if "version" in c else f"digest {c['digest'][:12]}"
    ),
    "profile": lambda c: f"counts of the window, SHA-256 {c['sha256'][:12]}",
    "report": lambda c: f"{c['outcome'].replace('_', ' ')}, signed by {c['signature']['printed_name']}",
    "use": lambda c: c["purpose"],
}


def _figure(content: Content, sha256: str) -> EvidenceFigure:
    metric = metric_words(content["metric"])
    place = content["column"] or (
        f"{content['segment_by']}: {content['segment']}" if content["segment_by"] else "all rows"
    )
    label = content["window"]
    return EvidenceFigure(
        level=Level(content["verdict"]),
        window=label if label == REFERENCE else window_words(label),
        measure=metric.title,
        where=place,
        estimate=metric.figure(content["estimate"]),
        interval=metric.span(content["low"], content["high"]),
        reference=metric.figure(content["reference"]),
        n=content["n"],
        reason=content["reason"],
        sha256=sha256,
    )


def _rank(content: Content) -> int:
    order = [Level.GREY, Level.GREEN, Level.WATCH, Level.AMBER, Level.RED]
    return order.index(Level(content["verdict"]))


def _named(change: Change) -> str:
    if change.kind != "result":
        return f"{change.kind} {change.id}"
    window, metric, *place = change.id.split("/")
    where = ", ".join(part for part in place if part != "-") or "all rows"
    return f"{metric_words(metric).title}, {window_words(window)}, {where}"


def _text(kind: str, content: str) -> str:
    if not content:
        return "not there"
    value = json.loads(content)
    if kind != "result":
        return says(kind, value)
    metric = metric_words(value["metric"])
    interval = metric.span(value["low"], value["high"])
    return f"{metric.figure(value['estimate'])} ({interval}, n {value['n']}), {value['verdict']}"
