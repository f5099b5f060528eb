"""Plomberie Martin, the demonstration's firm: made through the services, credentials random."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from encaisse.cli.journey_payer import Sandbox
from encaisse.cli.past.memory import Firm
from encaisse.cli.past.plan import begins_at
from encaisse.cli.past.play import live_through
from encaisse.cli.sample_job import LINES, SUBJECT
from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.identity.services import create_user, enrol_second_factor
from encaisse.invoicing.services.quotes import QuoteDraft, draft_quote, send_quote
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.trades import Trade
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.jobs import enqueue
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission
from encaisse.organizations.services import ProfileDraft, create_organization
from encaisse.providers.services import connect_provider
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account

_SITE_OPENS_AFTER = timedelta(seconds=4)


def make_firm(*, has_past: bool) -> dict[str, Any]:
    """
    Sign Plomberie Martin up, connect it and give it something to do; return its credentials.

    With a past, the simulated world begins fourteen months ago and the firm lives through them.
    """
    sandbox = Sandbox(settings.ENCAISSE_SANDBOX_URL)
    today = business_now()
    if has_past:
        sandbox.control("POST", "/clock/begin", {"at": begins_at(today).isoformat()})
    email = f"martin-{secrets.token_hex(3)}@plomberie-martin.example"
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    owner = create_user(email=email, password=password, full_name="Paul Martin")
    factor = enrol_second_factor(user=owner)
    actor = Actor(ActorKind.MEMBER, owner.id)
    organization = create_organization(owner_id=owner.id, draft=_profile(email), now=business_now())
    firm = _connect(organization.id, actor, sandbox)
    if has_past:
        live_through(firm, sandbox, until=today)
    # The site opens after this: the webhook's round trip is tried as soon as it can be.
    enqueue(
        "providers.check_webhook",
        after=_SITE_OPENS_AFTER,
        organization_id=organization.id,
        connection_id=firm.connection_id,
    )
    key = create_api_key(
        organization_id=organization.id,
        actor=actor,
        name="Démonstration",
        scopes=Permission,
        expires_at=None,
        now=business_now(),
    )
    _first_documents(organization.id, actor)
    return {
        "email": email,
        "password": password,
        "totp_secret": factor.totp_secret,
        "recovery_codes": factor.recovery_codes,
        "organization_id": str(organization.id),
        "api_key": key.secret,
    }


def _profile(email: str) -> ProfileDraft:
    return ProfileDraft(
        name="Plomberie Martin",
        legal_name="Plomberie Martin SARL",
        legal_form="SARL",
        capital_minor=500_000,
        siren="732829320",
        trade=Trade.PLUMBING,
        trade_register_city="Nantes",
        street="12 rue du Lavoir",
        postal_code="44000",
        city="Nantes",
        email=email,
        phone="02 40 00 00 00",
        insurance="Assurance décennale : Assureur d’essai, contrat 000000, France métropolitaine",
        mediator="Médiateur de la consommation d’essai, 1 place du Bac à sable, 75000 Paris",
        colour="#1f5fa8",
    )


def _connect(organization_id: UUID, actor: Actor, sandbox: Sandbox) -> Firm:
    account = sandbox.control("POST", "/accounts", {"name": "Plomberie Martin"})
    connection = connect_provider(
        organization_id=organization_id,
        actor=actor,
        provider="sandbox",
        api_key=account["api_key"],
        public_url=settings.WEBHOOKS_URL,
        now=business_now(),
    )
    bank = account["bank_account"]
    add_bank_account(
        organization_id=organization_id,
        actor=actor,
        draft=BankAccountDraft(
            iban=bank["iban"], holder_name=bank["holder_name"], bank_name="Banque d’essai"
        ),
        now=business_now(),
    )
    return Firm(
        organization_id=organization_id,
        actor=actor,
        connection_id=connection.id,
        account_id=account["account_id"],
        iban=bank["iban"],
        holder_name=bank["holder_name"],
        public_url=settings.PUBLIC_URL,
    )


def _first_documents(organization_id: UUID, actor: Actor) -> None:
    """A quote that waits for its customer, so that the first visit has something to do."""
    now = business_now()
    customer = create_customer(
        organization_id=organization_id,
        actor=actor,
        draft=CustomerDraft(
            name="Camille Leroy",
            email="camille.leroy@example.test",
            street="3 allée des Tilleuls",
            postal_code="44100",
            city="Nantes",
        ),
        now=now,
    )
    draft = draft_quote(
        organization_id=organization_id,
        actor=actor,
        draft=QuoteDraft(
            customer_id=customer.id,
            subject=SUBJECT,
            lines=LINES,
            valid_until=paris_date(now) + timedelta(days=30),
            deposit_basis_points=3000,
        ),
        now=now,
    )
    send_quote(organization_id=organization_id, actor=actor, quote_id=draft.id, now=now)
