"""Prints docs/lifecycle.md from the lifecycle's table: `python -m plumbline.workflow.lifecycle_page`."""

from __future__ import annotations

import sys

from plumbline.domain.models import Stage
from plumbline.workflow.commands import Command
from plumbline.workflow.decide import ABOUT_PEOPLE
from plumbline.workflow.lifecycle import TRANSITIONS, Act, Transition
from plumbline.workflow.permissions import PERMITTED

HEAD = """# The lifecycle of a version

This page is printed from `src/plumbline/workflow/lifecycle.py`, the table that the buttons and the checks are made
from; a test holds it fresh. Validation, approval and monitoring are separate: whether an approval is effective is
computed when it is read, and is never a stage.

Dashed steps are not on offer yet: they take kinds of case that this release does not have.
"""

SCOPES = """A role is held everywhere, or for a legal entity, a business line or a single model. Held for less than
everything it acts on those models alone, and to its holder the others are not there: not on a page, not in an
export, not over the API. Two administrators grant a role, one takes it back; where there is one alone, every page
says that duties are not separated."""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, _diagram(), _steps(), _commands()])


def _diagram() -> str:
    lines = [f"    {step.source} {_arrow(step)} {step.target}" for step in TRANSITIONS]
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```", ""])


def _arrow(step: Transition) -> str:
    return "-->" if offered(step) else "-.->"


def offered(step: Transition) -> bool:
    """Reinstating after a suspension and use before validation take cases of their own, which are not built yet."""
    reinstates = step.act is Act.QUORUM and step.source is not Stage.PENDING_APPROVAL
    return step.act is not Act.EXCEPTION and not reinstates


def _steps() -> str:
    head = ["| from | to | by | who | asks for | and |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *(_step(step) for step in TRANSITIONS), ""])


def _step(step: Transition) -> str:
    who = ", ".join(role.label for role in step.roles)
    guards = "; ".join(guard.value for guard in step.guards)
    return f"| {_words(step.source)} | {_words(step.target)} | {step.act} | {who} | {step.evidence} | {guards} |"


def _commands() -> str:
    lines = [
        f"| `{command.__name__}` | {', '.join(sorted(role.label for role in roles))} | {_reach(command)} |"
        for command, roles in PERMITTED.items()
    ]
    return "\n".join(
        ["## Who may ask for what", "", SCOPES, "", "| command | roles | about |", "|---|---|---|", *lines, ""]
    )


def _reach(command: type[Command]) -> str:
    return "people" if command in ABOUT_PEOPLE else "models that the role is held for"


def _words(stage: Stage) -> str:
    return stage.replace("_", " ")


if __name__ == "__main__":
    sys.stdout.write(page())
