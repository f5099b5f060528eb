"""Telling whoever may sign that an operation waits for them."""

from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings

from encaisse.kernel.language import Language
from encaisse.kit.clock import PARIS
from encaisse.kit.tenancy import acting_for
from encaisse.notifications.core import MailKind
from encaisse.notifications.mails import Mail, mail_person
from encaisse.organizations.core import SIGNED_WITH, OperationKind, OperationState, Role, allows
from encaisse.organizations.operations import operation_by_id, read
from encaisse.organizations.queries import members, profile
from encaisse.organizations.signatures import signers_of


def send_operation_notice(*, organization_id: UUID, operation_id: UUID, now: datetime) -> None:
    """Write once to each member who may still sign; not the payee, who stays behind the door."""
    with acting_for(organization_id):
        operation = operation_by_id(organization_id=organization_id, operation_id=operation_id)
        if operation.state != OperationState.OPEN:
            return
        draft, firm = read(operation), profile(organization_id=organization_id)
        facts = {
            "who": str(operation.asked_by) if operation.asked_by else "un programme",
            "title": draft.title.lower(),
            "amount": Language.FRENCH.amount(draft.amount) if draft.amount else "",
            "until": Language.FRENCH.moment(operation.expires_at.astimezone(PARIS)),
        }
        permission = SIGNED_WITH[OperationKind(operation.kind)]
        done = signers_of(operation)
        for member in members(organization_id=organization_id):
            if member.user_id in done or not allows(Role(member.role), permission):
                continue
            mail = Mail(
                kind=MailKind.OPERATION_ASKED,
                object_id=uuid5(operation_id, str(member.user_id)),
                firm=firm,
                language=Language.FRENCH,
                link=f"{settings.PUBLIC_URL}/a-signer/{operation_id}/",
                facts=facts,
            )
            mail_person(mail, member.user.email, now=now)
