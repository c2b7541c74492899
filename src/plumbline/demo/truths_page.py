"""The page of injected truths, written from `truths` so that documentation and tests cannot part."""

from __future__ import annotations

from plumbline.demo.truths import SILENCES, TRUTHS, Silence, Truth

HEAD = """# The sample estate

Thirteen models of a bank, an insurer and a hospital, 24 months each to 31 October 2026, made by a seeded generator and
trained for real. Everything below was put in on purpose. The tests in `tests/demo` assert that the product finds each
truth and keeps silent where it must; this page is written from the same list (`plumbline.demo.truths`).

`plumbline demo` builds the estate in an empty store; `plumbline demo --logs DIR` also keeps the raw logs, model files
and artefacts, each ready for `plumbline monitor DIR/<model>/model.toml --log DIR/<model>/log.parquet`.

"Starts" is the month in which something begins to be so; "found by" the month from which every month up to "until"
carries the verdict. Before it starts the verdict is not given. Months whose outcomes are not yet in are grey.
"""


def page() -> str:
    """The whole page as Markdown."""
    return f"{HEAD}\n## What must be found\n\n{found()}\n\n## What must stay silent\n\n{silent()}\n"


def found() -> str:
    head = ("Model", "Figure", "Where", "Verdict", "Starts", "Found by", "Until", "What is so")
    return _table(head, [_found(truth) for truth in TRUTHS])


def silent() -> str:
    return _table(("Model", "Figures", "From", "Until", "No verdict of", "Why"), [_silent(each) for each in SILENCES])


def _found(truth: Truth) -> tuple[str, ...]:
    where = f"{truth.segment_by} = {truth.segment}" if truth.segment_by else truth.column or "all rows"
    months = (truth.starts, truth.found_by, truth.until)
    return (truth.model, f"`{truth.metric}`", where, truth.level.value, *months, truth.says)


def _silent(silence: Silence) -> tuple[str, ...]:
    figures = ", ".join(f"`{metric}`" for metric in silence.metrics) or "all"
    levels = "red" if silence.below.value == "red" else "amber or red"
    return (silence.model, figures, silence.starts, silence.until, levels, silence.says)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
