"""Who asks: the bearer token of a request, as the person it speaks for."""

from __future__ import annotations

from starlette.requests import Request

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor
from plumbline.services import tokens
from plumbline.services.context import Context

REMEDY = "Send 'Authorization: Bearer plumbline_...'; plumbline user token new makes one."


def actor(ctx: Context, request: Request) -> Actor:
    """The person behind the request, in the token's role; NotAuthorised without a token that opens anything,
    AskedTooOften for one that was used up."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise NotAuthorised("No token was sent", duty="authentication", remedy=REMEDY)
    person, token = tokens.bearer(ctx, secret.strip())
    request.app.state.allowance.take(token.token_id, ctx.clock(), ctx.policy.access.requests_a_minute)
    return person
