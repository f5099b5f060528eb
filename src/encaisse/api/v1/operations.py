"""Operations that a person signs before they are done."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import Problem
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.organizations.models import Operation
from encaisse.organizations.operations import operation_by_id

router = Router()


class OperationOut(Schema):
    """`made_id` is what it made once done: a refund, for instance."""

    id: UUID
    kind: str
    state: str
    failure: str
    made_id: UUID | None
    expires_at: datetime


def present(row: Operation) -> OperationOut:
    return OperationOut(
        id=row.id,
        kind=row.kind,
        state=row.state,
        failure=row.failure,
        made_id=row.made_id,
        expires_at=row.expires_at,
    )


@router.get(
    "/{operation_id}",
    auth=Scope(Permission.PAYMENTS_READ),
    response={200: OperationOut, 404: Problem},
)
def get_operation(request: HttpRequest, operation_id: UUID) -> OperationOut:
    """Tell whether an operation was signed and done. Its content stays between its signers."""
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(operation_by_id(organization_id=organization_id, operation_id=operation_id))
