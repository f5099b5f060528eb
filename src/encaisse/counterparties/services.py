"""Writing customers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection

from encaisse.audit import services as audit
from encaisse.counterparties.errors import EmailInvalid
from encaisse.counterparties.models import Counterparty
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import Invalid, NotFound
from encaisse.kernel.identifiers import Siren
from encaisse.kernel.text import clean_text, required_text, search_key
from encaisse.kit.crypto import seal
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for

LANGUAGES = frozenset({"fr", "en"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDraft:
    """What the firm knows of a customer."""

    name: str
    is_professional: bool = False
    siren: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    # None leaves what is known: the customer may have chosen.
    language: str | None = None


def create_customer(
    *, organization_id: UUID, actor: Actor, draft: CustomerDraft, now: datetime
) -> Counterparty:
    """
    Add a customer, with the next auxiliary code.

    :raises Invalid: no name, or a text too long
    :raises EmailInvalid: not an address
    :raises SirenInvalid: a SIREN was given and does not pass its check
    """
    customer = Counterparty(id=new_id(), organization_id=organization_id, created_at=now)
    _fill(customer, draft)
    with acting_for(organization_id):
        customer.code = f"C{_next_number(organization_id, now):05d}"
        customer.save(force_insert=True)
        _audit(customer, actor=actor, action="customer:created", now=now)
    return customer


def update_customer(
    *,
    organization_id: UUID,
    actor: Actor,
    customer_id: UUID,
    draft: CustomerDraft,
    now: datetime,
) -> Counterparty:
    """
    Replace what is known of a customer. Issued documents keep what they said.

    :raises NotFound: no such customer here
    """
    with acting_for(organization_id):
        try:
            customer = Counterparty.objects.select_for_update().get(
                organization_id=organization_id, id=customer_id
            )
        except Counterparty.DoesNotExist as error:
            raise NotFound from error
        _fill(customer, draft)
        customer.save()
        _audit(customer, actor=actor, action="customer:updated", now=now)
    return customer


def remember_language(*, organization_id: UUID, customer_id: UUID, language: str) -> None:
    """
    Write to a customer in the language they read their page in.

    :raises Invalid: not a language we write
    """
    _check_language(language)
    with acting_for(organization_id):
        rows = Counterparty.objects.filter(organization_id=organization_id, id=customer_id)
        rows.exclude(language=language).update(language=language)


def _fill(customer: Counterparty, draft: CustomerDraft) -> None:
    customer.name = required_text(draft.name, largest=120, field="Nom")
    customer.search_key = search_key(customer.name)[:240]
    customer.is_professional = draft.is_professional
    customer.siren = Siren.parse(draft.siren).digits if draft.siren.strip() else ""
    customer.email = checked_email(draft.email)
    customer.street = clean_text(draft.street, largest=120, field="Adresse")
    customer.postal_code = clean_text(draft.postal_code, largest=10, field="Code postal")
    customer.city = clean_text(draft.city, largest=60, field="Ville")
    phone = clean_text(draft.phone, largest=20, field="Téléphone")
    if draft.language is not None:
        _check_language(draft.language)
        customer.language = draft.language
    customer.phone_sealed = seal(phone, customer.place("phone")) if phone else None


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise Invalid(reason="la langue est le français (fr) ou l’anglais (en)")


def checked_email(text: str) -> str:
    """:raises EmailInvalid: not empty, and not an address"""
    email = clean_text(text, largest=254, field="Adresse électronique")
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise EmailInvalid from error
    return email


def _next_number(organization_id: UUID, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO counterparties_counterpartycounter AS counter
                (id, organization_id, last_number, created_at) VALUES (%s, %s, 1, %s)
            ON CONFLICT (organization_id) DO UPDATE SET last_number = counter.last_number + 1
            RETURNING last_number
            """,
            [new_id(), organization_id, now],
        )
        return int(cursor.fetchone()[0])


def _audit(customer: Counterparty, *, actor: Actor, action: str, now: datetime) -> None:
    audit.record(
        organization_id=customer.organization_id,
        actor=actor,
        action=action,
        target=f"customer:{customer.id}",
        facts={"code": customer.code},
        now=now,
    )
