"""Events: what happened, in order, for programs that poll."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import LARGEST_PAGE, ListOut, Problem, page_of
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.webhooks import queries
from encaisse.webhooks.models import StoredEvent

router = Router()


class EventOut(Schema):
    id: UUID
    type: str
    data: dict[str, Any]
    created_at: datetime


def present(row: StoredEvent) -> EventOut:
    return EventOut(id=row.id, type=row.kind, data=row.data, created_at=row.created_at)


@router.get("", auth=Scope(Permission.EVENTS_READ), response={200: ListOut[EventOut], 400: Problem})
def list_events(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[EventOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.events(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)
