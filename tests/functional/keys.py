"""Keys of programs as tests make and use them."""

import threading
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import (
    authenticate_api_key,
    create_api_key,
    rotate_api_key,
)
from encaisse.organizations.core import Permission
from encaisse.organizations.errors import (
    ApiKeyInvalid,
)
from encaisse.organizations.models import ApiKey

HOME, OFFICE, ELSEWHERE = "82.64.10.1", "82.65.20.1", "200.147.3.1"


def make(firm, *, actor=None, addresses="", life=None):
    return create_api_key(
        organization_id=firm.id,
        actor=actor or firm.actor,
        name="Site internet",
        scopes=[Permission.CUSTOMERS_READ],
        addresses=addresses,
        expires_at=timezone.now() + life if life else None,
        now=business_now(),
    )


def rotate(firm, made, *, actor=None, **values):
    return rotate_api_key(
        organization_id=firm.id,
        actor=actor or firm.actor,
        key_id=made.key.id,
        real_now=timezone.now(),
        now=business_now(),
        **values,
    )


def opens(made, *, address=HOME, after=timedelta(0)):
    try:
        authenticate_api_key(secret=made.secret, address=address, real_now=timezone.now() + after)
    except ApiKeyInvalid:
        return False
    return True


def stored(firm, made):
    with acting_for(firm.id):
        return ApiKey.objects.get(organization_id=firm.id, id=made.key.id)


def all_at_once(number, action):
    """Run the action in as many threads at the same moment; return what was refused."""
    return [one for one in answers_at_once(number, action) if isinstance(one, DomainError)]


def answers_at_once(number, action):
    """Do the same, and return what each answered or was refused with."""
    start, answers = threading.Barrier(number), []

    def run():
        start.wait()
        try:
            answers.append(action())
        except DomainError as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return answers
