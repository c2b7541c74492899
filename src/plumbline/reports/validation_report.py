"""The validation report as one self-contained page for paper and file: no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from importlib import resources

from plumbline.services.views.approvals import CaseView, EvidenceFigure, SignatureBlock
from plumbline.services.views.stamp import Stamp
from plumbline.services.views.status import marked
from plumbline.services.views.validation_report import ValidationReport

# A browser that opens the file runs and fetches nothing, whatever a model's owner wrote into a field.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: ValidationReport) -> str:
    """The whole page as HTML."""
    case = report.case
    title = f"Validation report: {case.model}, version {case.version}"
    body = "\n".join(
        [
            f"<h1>{escape(title)}</h1>",
            f'<p class="sentence">{escape(case.sentence)}</p>',
            *(f'<p class="caution">{escape(caution)}</p>' for caution in report.stamp.cautions),
            _section("Scope", _scope(case)),
            _section("The model", _rows((fact.name, fact.value) for fact in report.facts)),
            _section("Outcome", _paragraph(case.report or "No report is signed yet.")),
            _section("Figures", _figures(case.figures)),
            _section("Findings", _findings(report)),
            _section("Conditions", _conditions(case)),
            _section("Then and now", _differences(case)),
            _section("Signatures", _signatures(case.signatures)),
            _section("Evidence manifest", _manifest(case)),
            _footer(report.stamp),
        ]
    )
    return _document(title, body)


def _document(title: str, body: str) -> str:
    style = (resources.files("plumbline.reports") / "validation_report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>\n{style}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{inner}</section>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    lines = [f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in pairs]
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """`rows` hold ready cells: `<td>` and all."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str, kind: str = "") -> str:
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"


def _scope(case: CaseView) -> str:
    pinned = _moment(case.pinned_at) if case.pinned_at else "not yet"
    return _rows(
        [
            ("Case", f"{case.case_id}, {case.type.lower()}"),
            ("Use", case.use),
            ("Tier", case.tier),
            ("Asked for by", case.requester),
            ("Opened", _moment(case.opened_at)),
            ("Evidence pinned", pinned),
            ("Manifest (SHA-256)", case.manifest_hash),
        ]
    )


def _figures(figures: Sequence[EvidenceFigure]) -> str:
    if not figures:
        return _paragraph("No figure was pinned.")
    heads = ("Verdict", "Measure", "Where", "Window", "Estimate", "Interval", "Reference", "n", "Reason")
    caption = f"{len(figures)} {'figure' if len(figures) == 1 else 'figures'} as pinned; what needs attention first"
    return _table(caption, heads, (_figure(figure) for figure in figures))


def _figure(figure: EvidenceFigure) -> list[str]:
    told = [figure.measure, figure.where, figure.window]
    numbers = [figure.estimate, figure.interval, figure.reference, f"{figure.n:,}".replace(",", "\u202f")]
    return [
        _cell(marked(figure.level), figure.level.value),
        *(_cell(text) for text in told),
        *(_cell(text, "number") for text in numbers),
        _cell(figure.reason),
    ]


def _findings(report: ValidationReport) -> str:
    if not report.findings:
        return _paragraph("No finding was open when the evidence was pinned.")
    heads = ("Severity", "Status", "Finding", "Owner", "Due")
    rows = (
        [_cell(f.severity), _cell(f.status), _cell(f"{f.title}. {f.description}"), _cell(f.owner), _cell(f.due)]
        for f in report.findings
    )
    return _table("Open findings as pinned", heads, rows)


def _conditions(case: CaseView) -> str:
    if not case.conditions:
        return _paragraph("None.")
    heads = ("Condition", "Kind", "Owner", "Due", "Blocks", "State")
    rows = (
        [_cell(text) for text in (c.text, c.kind, c.owner, c.due.isoformat(), "yes" if c.blocking else "no", c.state)]
        for c in case.conditions
    )
    return _table("Conditions of the approval", heads, rows)


def _differences(case: CaseView) -> str:
    if not case.differences:
        return _paragraph("Nothing that was pinned has changed.")
    rows = ([_cell(d.what), _cell(d.then), _cell(d.now), _cell("yes" if d.binding else "no")] for d in case.differences)
    return _table("Evidence that changed since it was pinned", ("What", "Then", "Now", "Binding"), rows)


def _signatures(signatures: Sequence[SignatureBlock]) -> str:
    if not signatures:
        return _paragraph("Nobody has signed yet.")
    return "".join(_signature(block) for block in signatures)


def _signature(block: SignatureBlock) -> str:
    """The fields of 21 CFR 11.50: printed name, when, and what the signature means."""
    stale = " This signature is stale: the evidence changed after it." if block.stale else ""
    comment = f"<p>Comment: {escape(block.comment)}</p>" if block.comment else ""
    return (
        f'<div class="signature"><p><strong>{escape(block.printed_name)}</strong> ({escape(block.user_id)}), '
        f"{escape(block.role)}, {escape(block.seat)}: {escape(block.decision)}.{stale}</p>"
        f"<p>{escape(block.meaning)}</p>{comment}"
        f"<p>Signed {_moment(block.signed_at)} (signer's zone {escape(block.zone)}), proved by "
        f"{escape(block.auth_method)}.</p>"
        f'<p class="hash">Manifest {escape(block.manifest_hash)}<br>Log entry {escape(block.hash)}</p></div>'
    )


def _manifest(case: CaseView) -> str:
    heads = ("Kind", "Name", "Says", "SHA-256")
    rows = ([_cell(i.kind), _cell(i.id), _cell(i.says), _cell(i.sha256, "hash")] for i in case.items)
    return _table(f"{len(case.items)} pieces beside the figures above", heads, rows)


def _footer(stamp: Stamp) -> str:
    return (
        f"<footer>As of {_moment(stamp.as_of)}. Made for {escape(stamp.requester)}, {escape(stamp.acting_role)}. "
        f'Policy <span class="hash">{escape(stamp.policy)}</span>. Log entry {stamp.log_seq}, '
        f'head <span class="hash">{escape(stamp.log_head)}</span>. '
        "The SHA-256 of this file stands in the access log.</footer>"
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%d %b %Y %H:%M} UTC".removeprefix("0")
