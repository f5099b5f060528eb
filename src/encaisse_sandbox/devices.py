"""A device that recognises its owner without a browser: what the scripted payer holds."""

from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestedCredentialData, AuthenticatorData, CollectedClientData

from encaisse_sandbox.biometrics import Site
from encaisse_sandbox.records import Json

_NO_MAKER = bytes(16)
_RECOGNISED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class ScriptedDevice:
    """It holds one key, and signs whatever it is asked."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = token_bytes(32)

    @property
    def credential(self) -> AttestedCredentialData:
        """What a bank keeps of it."""
        public = ES256.from_cryptography_key(  # type: ignore[no-untyped-call]  # of the library
            self._key.public_key()
        )
        return AttestedCredentialData.create(_NO_MAKER, self._id, public)

    def sign(self, secret: str) -> Json:
        """Answer the bank's question, its owner being recognised."""
        client = CollectedClientData.create(
            type=CollectedClientData.TYPE.GET,
            challenge=bytes.fromhex(secret),
            origin=self._site.origin,
        )
        shown = AuthenticatorData.create(sha256(self._site.name.encode()), _RECOGNISED, 1)
        signature = self._key.sign(shown + client.hash, ec.ECDSA(SHA256()))
        return {
            "id": websafe_encode(self._id),
            "rawId": websafe_encode(self._id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(shown),
                "signature": websafe_encode(signature),
            },
        }
