"""When somebody recovers their access, every member of their firms is told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings

from encaisse.identity.core import RECOVERY_DELAY, RecoveryState
from encaisse.identity.events import RecoveryMoved
from encaisse.identity.recovery import recovery
from encaisse.kernel.language import Language
from encaisse.kit.clock import PARIS
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.notifications.core import MailKind
from encaisse.notifications.mails import Mail, mail_person
from encaisse.organizations.queries import members, profile, roles_of

_KINDS = {
    RecoveryState.APPROVED: MailKind.RECOVERY_APPROVED,
    RecoveryState.CANCELLED: MailKind.RECOVERY_CANCELLED,
    RecoveryState.DONE: MailKind.RECOVERY_DONE,
}


def tell_every_firm(events: Sequence[RecoveryMoved]) -> None:
    """Queue one job for each firm of the person, at the steps that concern others."""
    for event in events:
        if event.state not in _KINDS:
            continue
        for organization_id in roles_of(user_id=event.user_id):
            enqueue(
                "notifications.send_recovery_notice",
                organization_id=organization_id,
                recovery_id=event.recovery_id,
                state=event.state,
            )


def send_recovery_notice(
    *, organization_id: UUID, recovery_id: UUID, state: RecoveryState, now: datetime
) -> None:
    """Tell each other member of one firm: one mail per person and step."""
    row = recovery(recovery_id=recovery_id)
    until = (row.state_since + RECOVERY_DELAY).astimezone(PARIS)
    with acting_for(organization_id):
        firm = profile(organization_id=organization_id)
        for member in members(organization_id=organization_id).exclude(user_id=row.user_id):
            mail = Mail(
                kind=_KINDS[state],
                object_id=uuid5(recovery_id, f"{state}:{member.user_id}"),
                firm=firm,
                language=Language.FRENCH,
                link=f"{settings.PUBLIC_URL}/compte/2fa/recuperations/{recovery_id}/",
                facts={"person": str(row.user), "until": Language.FRENCH.moment(until)},
            )
            mail_person(mail, member.user.email, now=now)
