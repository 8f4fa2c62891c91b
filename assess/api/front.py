"""Health, who one is, and the description of the API itself."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from assess import __version__
from assess.api.forms import HealthOut, MeOut
from assess.api.openapi import described
from assess.api.operations import Call, Reply, operation
from assess.core.errors import Failed
from assess.usecases import documents


@operation("GET", "/health", tag="service", summary="Whether the service can work", scope=None, result=HealthOut)
def health(call: Call) -> Reply:
    try:
        documents.list_documents(call.installation, "sample-beginner")
    except SQLAlchemyError as error:
        raise Failed("the database can't be read") from error
    return Reply({"status": "ok", "version": __version__})


@operation("GET", "/openapi.json", tag="service", summary="This description", scope=None, result="openapi")
def openapi(call: Call) -> Reply:  # noqa: ARG001 - every operation has the same signature
    return Reply(described())


@operation("GET", "/me", tag="service", summary="Who acts with this token", result=MeOut)
def me(call: Call) -> Reply:
    actor = call.actor
    assert call.caller is not None  # noqa: S101 - it has an actor
    token = call.caller.token
    return Reply(
        {
            "email": actor.email,
            "name": actor.name,
            "role": actor.role,
            "workspace": actor.workspace,
            "token": token.name,
            "scopes": list(token.scopes),
            "expires_at": token.expires_at.isoformat(),
        }
    )
