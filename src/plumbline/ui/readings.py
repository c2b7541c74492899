"""What the governance pages read: each view once per revision of the log."""

from __future__ import annotations

from datetime import datetime

from plumbline.services import approvals as approvals_queries
from plumbline.services import audit as audit_queries
from plumbline.services.inventory import inventory as inventory_query
from plumbline.services.model import model as model_query
from plumbline.services.portfolio import portfolio as portfolio_query
from plumbline.services.views.approvals import CaseView, Inbox
from plumbline.services.views.audit import Accesses, AuditView, Verified
from plumbline.services.views.inventory import InventoryView
from plumbline.services.views.model import ModelView
from plumbline.services.views.portfolio import PortfolioView
from plumbline.ui import cached, session


def portfolio() -> PortfolioView:
    return cached.view(portfolio_query)


def inventory() -> InventoryView:
    return cached.view(inventory_query)


def model(model_id: str, version: str) -> ModelView:
    return cached.view(model_query, None, model_id, version)


def inbox() -> Inbox:
    """What waits, as the signed-in person sees it."""
    return cached.view(approvals_queries.inbox, None, session.actor().user_id)


def case(case_id: str) -> CaseView:
    return cached.view(approvals_queries.case_view, None, case_id, session.actor().user_id)


def audit() -> AuditView:
    return cached.view(audit_queries.audit)


def accesses() -> Accesses:
    """The other chain grows without touching the log of decisions, so it is keyed by its own head."""
    return cached.view(audit_queries.accesses, None, audit_queries.access_seq(cached.context()))


def verified() -> Verified:
    """Never cached: a proof is made when it is asked for."""
    return audit_queries.verified(cached.context())


def since(last: datetime) -> tuple[str, ...]:
    return cached.view(audit_queries.since, None, session.actor().user_id, last)
