"""Merchant accounts at the provider, and the endpoints that hear about them."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from encaisse_sandbox import bank
from encaisse_sandbox.clock import paris_date
from encaisse_sandbox.errors import ApiError, missing
from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import Account, BankAccount, Endpoint, Json
from encaisse_sandbox.world import World

# The provider is assessed again on this day of each year, as PCI DSS asks.
_ASSESSED = (3, 12)


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """A new account with its key, which is shown once and kept only as a digest."""

    account: Account
    api_key: str
    bank_account: BankAccount


def open_account(world: World, name: str, siren: str | None) -> OpenedAccount:
    """Open a merchant account at the provider and a bank account for its payouts."""
    api_key = f"sk_sandbox_{secrets.token_urlsafe(32)}"
    account = Account(
        id=new_id("acct"),
        name=name,
        siren=siren,
        api_key_digest=_digest(api_key),
        created_at=world.clock.stamp(),
    )
    with world.db.transaction():
        world.db.insert(account)
        bank_account = bank.open_account(world, account.id, name)
    return OpenedAccount(account, api_key, bank_account)


def authenticate(world: World, authorization: str) -> Account:
    """
    Return the account whose key the header carries.

    :raises ApiError: the key is absent or unknown
    """
    scheme, _, api_key = authorization.partition(" ")
    if scheme.lower() == "bearer" and api_key:
        account = world.db.first(Account, "api_key_digest = ?", _digest(api_key.strip()))
        if account is not None:
            return account
    raise ApiError(401, "unauthorized", "The API key is missing or unknown.")


def find(world: World, account_id: str) -> Account:
    """
    Return an account.

    :raises ApiError: there is none with this id
    """
    account = world.db.first(Account, "id = ?", account_id)
    if account is None:
        raise missing("account", account_id)
    return account


def attestation(today: date) -> Json:
    """Return the provider's attestation of PCI DSS in force on a day; it lasts a year."""
    year = today.year - ((today.month, today.day) < _ASSESSED)
    attested, renewed = date(year, *_ASSESSED), date(year + 1, *_ASSESSED)
    expires = renewed - timedelta(days=1)
    return {"level": "1", "attested_on": f"{attested}", "expires_on": f"{expires}"}


def payload(world: World, account: Account) -> Json:
    """Return the account as the API shows it to its owner."""
    certificate = f"{world.public_url}/attestation/{account.id}"
    return {
        "object": "account",
        "id": account.id,
        "name": account.name,
        "siren": account.siren,
        "bank_account": bank_account_payload(bank.account_of(world, account.id)),
        "pci_dss": attestation(paris_date(world.clock.now())) | {"certificate_url": certificate},
        "checkout_host": urlsplit(world.public_url).netloc,
        "created_at": account.created_at,
    }


def bank_account_payload(account: BankAccount) -> Json:
    """Return a bank account as the API shows it."""
    return {"iban": account.id, "bic": account.bic, "holder_name": account.holder_name}


def register_endpoint(world: World, account_id: str, url: str) -> Endpoint:
    """Send the account's events to this address from now on, under a new secret."""
    now = world.clock.stamp()
    endpoint = Endpoint(
        id=new_id("we"),
        account_id=account_id,
        url=url,
        secret="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        created_at=now,
    )
    with world.db.transaction():
        for former in world.db.all(
            Endpoint, "account_id = ? AND url = ? AND deleted_at IS NULL", account_id, url
        ):
            remove_endpoint(world, former)
        world.db.insert(endpoint)
    return endpoint


def remove_endpoint(world: World, endpoint: Endpoint) -> None:
    """Send nothing more to this address."""
    with world.db.transaction():
        world.db.update(Endpoint, endpoint.id, deleted_at=world.clock.stamp())
        world.db.execute(
            "UPDATE deliveries SET state = 'failed', next_attempt_at = NULL "
            "WHERE endpoint_id = ? AND state = 'pending'",
            endpoint.id,
        )


def find_endpoint(world: World, account_id: str, endpoint_id: str) -> Endpoint:
    """
    Return an endpoint of the account.

    :raises ApiError: the account has none with this id
    """
    endpoint = world.db.first(
        Endpoint, "id = ? AND account_id = ? AND deleted_at IS NULL", endpoint_id, account_id
    )
    if endpoint is None:
        raise missing("webhook endpoint", endpoint_id)
    return endpoint


def endpoint_payload(endpoint: Endpoint) -> Json:
    """Return an endpoint with its secret."""
    return endpoint_snapshot(endpoint) | {"secret": endpoint.secret}


def endpoint_snapshot(endpoint: Endpoint) -> Json:
    """Return an endpoint as its ping shows it."""
    return {"object": "webhook_endpoint", "id": endpoint.id, "url": endpoint.url}


def _digest(api_key: str) -> str:
    return hashlib.sha256(api_key.encode()).hexdigest()
