"""The browser's own authenticator (WebAuthn): a finger or a face that the device recognises."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from encaisse_sandbox.records import Device, Json
from encaisse_sandbox.world import World

_PAYER = PublicKeyCredentialUserEntity(
    id=b"simulated payer", name="Camille Leroy", display_name="Camille Leroy"
)
_BANK = "Banque du payeur (SANDBOX)"
_NEWEST = 50


@dataclass(frozen=True, slots=True)
class Site:
    """Where the bank's page is shown: browsers bind a device to a name, never to numbers."""

    origin: str
    name: str

    @property
    def is_usable(self) -> bool:
        """Tell whether a browser lets a page of this address ask its authenticator."""
        is_safe = self.origin.startswith("https://") or self.name == "localhost"
        return is_safe and not is_number(self.name)


def is_number(host: str) -> bool:
    """Tell whether a host is written as an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def devices(world: World, site: Site) -> list[Device]:
    """Return the devices registered under this name, the newest first."""
    return world.db.all(Device, "site = ? ORDER BY created_at DESC LIMIT ?", site.name, _NEWEST)


def to_register(world: World, site: Site, secret: str) -> Json:
    """Return what the browser is asked in order to register its device."""
    options, _state = _server(site).register_begin(
        _PAYER,
        credentials=_credentials(devices(world, site)),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=bytes.fromhex(secret),
    )
    return _plain(options)


def to_recognise(world: World, site: Site, secret: str) -> Json:
    """Return what the browser is asked in order to recognise the payer."""
    return _asked(world, site, secret)[0]


def register(world: World, site: Site, secret: str, response: Json) -> bool:
    """Keep the device that answered; tell whether its answer holds."""
    server = _server(site)
    _options, state = server.register_begin(
        _PAYER,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=bytes.fromhex(secret),
    )
    try:
        made = server.register_complete(state, response)
    except (ValueError, KeyError, TypeError):
        return False
    data = made.credential_data
    if data is None or world.db.first(Device, "id = ?", data.credential_id.hex()):
        return False
    keep(world, site, data, made.counter)
    return True


def keep(world: World, site: Site, data: AttestedCredentialData, count: int) -> Device:
    """Keep a device: its public key opens nothing."""
    device = Device(
        id=data.credential_id.hex(),
        site=site.name,
        credential=bytes(data).hex(),
        signatures=count,
        created_at=world.clock.stamp(),
    )
    world.db.insert(device)
    return device


def forget(world: World, device: Device) -> None:
    """Remove a device."""
    world.db.execute("DELETE FROM devices WHERE id = ?", device.id)


def is_recognised(world: World, site: Site, secret: str, response: Json) -> bool:
    """Tell whether a device known here signed this very question, its owner being recognised."""
    _options, state = _asked(world, site, secret)
    known = devices(world, site)
    try:
        used = _server(site).authenticate_complete(state, _credentials(known), response)
        count = AuthenticationResponse.from_dict(response).response.authenticator_data.counter
    except (ValueError, KeyError, TypeError):
        return False
    device = next(one for one in known if one.id == used.credential_id.hex())
    if count <= device.signatures and (count, device.signatures) != (0, 0):
        return False  # a copy of the device, made earlier
    world.db.update(Device, device.id, signatures=count)
    return True


def _asked(world: World, site: Site, secret: str) -> tuple[Json, Mapping[str, Any]]:
    options, state = _server(site).authenticate_begin(
        credentials=_credentials(devices(world, site)),
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=bytes.fromhex(secret),
    )
    return _plain(options), state


def _plain(options: Mapping[str, Any]) -> Json:
    """Return options as a browser reads them: plain JSON, bytes as text."""
    found: Json = json.loads(json.dumps(dict(options), default=dict))
    return found


def _credentials(known: list[Device]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes.fromhex(one.credential)) for one in known]


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=site.name, name=_BANK)
    return Fido2Server(party, verify_origin=lambda origin: origin == site.origin)
