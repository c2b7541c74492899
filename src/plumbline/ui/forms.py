"""Forms that build commands; the services decide, and a refusal is told with its duty."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from plumbline.domain.people import Person, Seat
from plumbline.domain.signoff import CaseStatus, Condition, Decision, Outcome, Severity
from plumbline.services import identity, signing
from plumbline.services.views.approvals import CaseView
from plumbline.ui import cached, components, errors, session
from plumbline.ui.sign_dialog import sign_dialog
from plumbline.ui.words import plain
from plumbline.workflow.commands import CastVote, Command, RaiseFinding, RefreshEvidence, SignValidationReport

KINDS = ("limit", "monitoring_uplift", "data_fix", "overlay", "report")
CATEGORIES = (
    *("data", "methodology", "implementation", "performance"),
    *("documentation", "use", "fairness", "governance"),
)


def words(value: str) -> str:
    return value.replace("_", " ").capitalize()


def act(view: CaseView) -> None:
    """What can be done with the case as it stands; offered to all, decided by the duties."""
    if view.differences and view.status in (CaseStatus.VALIDATION, CaseStatus.APPROVAL):
        _refresh(view)
    if view.status is CaseStatus.VALIDATION:
        _report(view)
        _finding(view)
    elif view.status is CaseStatus.APPROVAL:
        _vote(view)


def _refresh(view: CaseView) -> None:
    if st.button("Pin the evidence again", key="refresh", help="Votes over the earlier evidence become stale."):
        _do(RefreshEvidence(model_id=view.model_id, case_id=view.case_id), "The evidence is pinned again.")


def _report(view: CaseView) -> None:
    components.section("Sign the validation report")
    if view.question:
        st.warning(f"A seat asked: {plain(view.question)}")
    with st.form("report", border=True):
        outcome = st.segmented_control(
            "Conclusion", list(Outcome), default=Outcome.FIT, format_func=words, key="report-outcome", required=True
        )
        comment = st.text_area("Summary", key="report-comment", placeholder="What you looked at and what you conclude.")
        independence = st.text_area(
            "Declaration of independence", key="report-independence", placeholder="How you stand apart from its making."
        )
        sent = st.form_submit_button("Sign the report", key="report-sign")
    if sent:
        _ask_to_sign(
            SignValidationReport(
                model_id=view.model_id,
                case_id=view.case_id,
                manifest_hash=view.manifest_hash,
                outcome=Outcome(outcome or Outcome.FIT),
                comment=str(comment),
                independence=str(independence),
            )
        )


# In the order of how often they are taken: the words on the button, the label of the comment, what follows.
DECISIONS = {
    Decision.APPROVE: ("Approve", "Comment", "Your approval counts towards the seats that are needed."),
    Decision.APPROVE_WITH_CONDITIONS: ("Approve with conditions", "Comment", "Each condition has an owner and a day."),
    Decision.RETURN_FOR_INFORMATION: (
        "Return with a reason",
        "What has to be answered first",
        "The validator answers, then the case comes back.",
    ),
    Decision.REJECT: ("Reject", "Reason", "From a seat that must agree, this closes the case."),
}


def _vote(view: CaseView) -> None:
    decision = Decision(
        st.segmented_control(
            "Decision",
            list(DECISIONS),
            default=Decision.APPROVE,
            format_func=lambda one: DECISIONS[one][0],
            key="vote-decision",
            required=True,
            wrap=True,
        )
        or Decision.APPROVE
    )
    words_of, asked, follows = DECISIONS[decision]
    st.caption(follows)
    conditions = _conditions(view) if decision is Decision.APPROVE_WITH_CONDITIONS else ()
    with st.form("vote", border=True):
        seat = _seat(view)
        comment = st.text_area(asked, key="vote-comment", height=80)
        sent = st.form_submit_button(f"Sign: {words_of.lower()}", key="vote-sign")
    if sent:
        _ask_to_sign(
            CastVote(
                model_id=view.model_id,
                case_id=view.case_id,
                manifest_hash=view.manifest_hash,
                seat=seat,
                decision=decision,
                comment=str(comment),
                conditions=conditions,
            )
        )


def _seat(view: CaseView) -> Seat:
    """The chair to sign from; asked for only where there is a choice, and where there is none the duties refuse."""
    if len(view.my_seats) > 1:
        return Seat(st.selectbox("Seat", view.my_seats, format_func=words, key="vote-seat") or view.my_seats[0])
    if view.my_seats:
        st.caption(f"You sign as {words(view.my_seats[0]).lower()}.")
    return view.my_seats[0] if view.my_seats else Seat.MEMBER


def _conditions(view: CaseView) -> tuple[Condition, ...]:
    number = int(st.number_input("Number of conditions", 1, 5, key="condition-count"))
    return tuple(_condition(view, index) for index in range(number))


def _condition(view: CaseView, index: int) -> Condition:
    with st.container(border=True, key=f"condition-{index}"):
        text = st.text_input(f"Condition {index + 1}", key=f"condition-text-{index}")
        kind = st.selectbox("Kind", KINDS, format_func=words, key=f"condition-kind-{index}")
        owner = _person("Owner", f"condition-owner-{index}", view.owner_id)
        due = st.date_input("Due", _in_three_months(), key=f"condition-due-{index}")
        blocking = st.checkbox("Blocks the approval when overdue", key=f"condition-blocking-{index}")
    return Condition(
        text=str(text),
        kind=str(kind),
        owner=owner,
        due=due if isinstance(due, date) else _in_three_months(),
        blocking=blocking,
    )


def _in_three_months() -> date:
    return (cached.today().now + timedelta(days=90)).date()


def _finding(view: CaseView) -> None:
    with st.expander("Raise a finding"), st.form("finding", border=False, clear_on_submit=True):
        severity = st.selectbox("Severity", list(Severity), index=2, format_func=words, key="finding-severity")
        category = st.selectbox("Category", CATEGORIES, format_func=words, key="finding-category")
        title = st.text_input("Title", key="finding-title")
        description = st.text_area("What is wrong, and what it may cost", key="finding-description")
        owner = _person("Owner of the remedy", "finding-owner", view.owner_id)
        sent = st.form_submit_button("Raise the finding", key="finding-send")
    if sent:
        command = RaiseFinding(
            model_id=view.model_id,
            version_id=view.version,
            case_id=view.case_id,
            severity=Severity(severity or Severity.MEDIUM),
            category=str(category),
            title=str(title),
            description=str(description),
            owner=owner,
        )
        _do(command, "The finding is raised and due by its severity.")


def _person(label: str, key: str, default: str) -> str:
    known: dict[str, Person] = {p.user_id: p for p in cached.view(identity.people) if p.active}
    options = list(known)
    index = options.index(default) if default in known else 0
    return str(st.selectbox(label, options, index=index, format_func=lambda user: known[user].name, key=key))


def _do(command: Command, done: str) -> None:
    with errors.reporting():
        signing.act(cached.context(), command, session.actor())
        session.remember("told", done)
        st.rerun()


def _ask_to_sign(command: signing.Signing) -> None:
    """The refusal, or the dialog with the sentence that the signature stands for."""
    with errors.reporting():
        meaning = signing.meaning(cached.context(), command, session.actor())
        sign_dialog(command, meaning)


def told() -> None:
    """What the last act did, once."""
    said = session.remembered("told")
    if said:
        st.success(plain(str(said)))
        # Whoever acted further down the page sees it too.
        st.toast(plain(str(said)))
        session.remember("told", None)
