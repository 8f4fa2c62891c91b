"""Engagements: list, make, read, change, archive, delete, restore."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assess.api.forms import EngagementChange, EngagementIn, EngagementOut, EngagementsOut, EngagementsQuery
from assess.api.operations import PREFIX, Call, Reply, operation
from assess.core.answers import Organisation
from assess.usecases import engagements
from assess.usecases.engagements import Engagement, Work
from assess.usecases.tokens import WRITE

TAG = "engagements"
ONE = "/engagements/<hex32:engagement>"


def moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def engagement_json(one: Engagement) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "state": one.state,
        "organisation": vars(one.organisation),
        "language": one.language,
        "confidential": one.confidential,
        "pool_consent": one.pool_consent,
        "sample": one.sample,
        "created_at": moment(one.created_at),
        "changed_at": moment(one.changed_at),
        "archived_at": moment(one.archived_at),
        "deleted_at": moment(one.deleted_at),
    }


def _shown(call: Call, id_: str, status: int = 200, location: str = "") -> Reply:
    opened = engagements.open_engagement(call.installation, call.actor, id_)
    return Reply(engagement_json(opened.engagement), status, location)


@operation(
    "GET",
    "/engagements",
    tag=TAG,
    summary="The engagements one sees, the latest activity first",
    description="Pages count from 1; `Link` names the next one. `search` looks in titles and clients.",
    query=EngagementsQuery,
    result=EngagementsOut,
)
def list_engagements(call: Call) -> Reply:
    wanted: EngagementsQuery = call.query
    found = engagements.list_engagements(call.installation, call.actor, state=wanted.state, search=wanted.search)
    first = (wanted.page - 1) * wanted.per_page
    shown = found[first : first + wanted.per_page]
    content = {
        "engagements": [engagement_json(one) for one in shown],
        "page": wanted.page,
        "per_page": wanted.per_page,
        "total": len(found),
    }
    more = first + len(shown) < len(found)
    following = f"<{PREFIX}/engagements?page={wanted.page + 1}&per_page={wanted.per_page}&state={wanted.state}>"
    return Reply(content, headers={"Link": f'{following}; rel="next"'} if more and not wanted.search else {})


@operation(
    "POST",
    "/engagements",
    tag=TAG,
    summary="Make an engagement",
    scope=WRITE,
    body=EngagementIn,
    result=EngagementOut,
    status=201,
    creates=True,
)
def create_engagement(call: Call) -> Reply:
    given: EngagementIn = call.body
    work = Work(
        title=given.title.strip(),
        organisation=_organisation(given.organisation.model_dump()),
        language=given.language,
        confidential=given.confidential,
        pool_consent=given.pool_consent,
    )
    id_ = call.create_once(lambda: engagements.create_engagement(call.installation, call.actor, work))
    return _shown(call, id_, 201, f"/engagements/{id_}")


@operation("GET", ONE, tag=TAG, summary="An engagement", result=EngagementOut)
def read_engagement(call: Call, engagement: str) -> Reply:
    return _shown(call, engagement)


@operation(
    "PATCH",
    ONE,
    tag=TAG,
    summary="Change an engagement",
    description="What is not given stays. `confidential` can’t be changed any more once somebody was invited.",
    scope=WRITE,
    body=EngagementChange,
    result=EngagementOut,
    refusals=(409,),
)
def change_engagement(call: Call, engagement: str) -> Reply:
    before = engagements.open_engagement(call.installation, call.actor, engagement).engagement
    given = {name: value for name, value in call.body.model_dump().items() if value is not None}
    client = {name: value for name, value in given.pop("organisation").items() if value is not None}
    kept = {name: getattr(before, name) for name in ("title", "language", "confidential", "pool_consent")}
    work = Work(**{**kept, **given}, organisation=_organisation({**vars(before.organisation), **client}))
    engagements.change_engagement(call.installation, call.actor, engagement, work)
    return _shown(call, engagement)


def _organisation(given: dict[str, str]) -> Organisation:
    return Organisation(**{name: value.strip() for name, value in given.items()})


@operation(
    "DELETE",
    ONE,
    tag=TAG,
    summary="Delete an engagement",
    description="Links stop at once. It can be restored for 30 days and is erased then; demo data is erased at once.",
    scope=WRITE,
    status=204,
    refusals=(409,),
)
def delete_engagement(call: Call, engagement: str) -> Reply:
    engagements.delete_engagement(call.installation, call.actor, engagement)
    return Reply(status=204)


@operation(
    "POST", f"{ONE}/restore", tag=TAG, summary="Take back a deletion", scope=WRITE, result=EngagementOut, refusals=(409,)
)
def restore_engagement(call: Call, engagement: str) -> Reply:
    engagements.restore_engagement(call.installation, call.actor, engagement)
    return _shown(call, engagement)


@operation(
    "POST",
    f"{ONE}/archive",
    tag=TAG,
    summary="Put an engagement away",
    description="Links to it stop working, results stay.",
    scope=WRITE,
    result=EngagementOut,
    refusals=(409,),
)
def archive_engagement(call: Call, engagement: str) -> Reply:
    engagements.archive_engagement(call.installation, call.actor, engagement, archived=True)
    return _shown(call, engagement)


@operation(
    "POST",
    f"{ONE}/unarchive",
    tag=TAG,
    summary="Take an archived engagement out again",
    scope=WRITE,
    result=EngagementOut,
    refusals=(409,),
)
def unarchive_engagement(call: Call, engagement: str) -> Reply:
    engagements.archive_engagement(call.installation, call.actor, engagement, archived=False)
    return _shown(call, engagement)
