"""Firms of one host that share, and what tests of them do."""

from contextlib import contextmanager

from django.db import connections, transaction

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from factories.organizations import Firm
from factories.shared import SharingFirm


def codes(decision) -> set[str]:
    return {reason["code"] for reason in decision.reasons}


def act(firm, verb, **values):
    return verb(organization_id=firm.id, actor=firm.actor, now=firm.now, **values)


def told(neighbours, email, card=""):
    for firm in neighbours:
        firm.report(email, card)


def run(firm, statement, parameters=None):
    with acting_for(firm.id), connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def alone():
    """A firm that has payments like the others, and shares nothing."""
    firm = SharingFirm.__new__(SharingFirm)
    Firm.__init__(firm)
    firm.now = business_now()
    firm.be_paid(1)
    return firm


@contextmanager
def locked(table):
    """Another connection holds the whole table."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
