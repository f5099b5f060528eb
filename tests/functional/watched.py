"""Alerts as tests look for them."""

from uuid import uuid4

from encaisse.kit.tenancy import acting_for
from encaisse.organizations.team import add_member
from encaisse.security.models import Alert, AlertDelivery
from factories.organizations import NOW
from functional.web_people import person_at


def alerts(firm, kind):
    with acting_for(firm.id):
        return list(Alert.objects.filter(kind=kind).order_by("first_at"))


def hearers(alert):
    with acting_for(alert.organization_id):
        rows = AlertDelivery.objects.filter(alert=alert)
        return {(row.user_id, row.channel) for row in rows}


def member(firm, role):
    user = person_at(f"{uuid4()}@example.test")
    add_member(organization_id=firm.id, actor=firm.actor, user_id=user.id, role=role, now=NOW)
    return user
