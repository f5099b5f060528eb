"""A telephone that makes passkeys and answers with them, without a browser."""

import json
from secrets import token_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

_RECOGNISED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
_NO_MAKER = bytes(16)


class Telephone:
    """It holds one passkey, for the site whose pages it is shown."""

    def __init__(self, origin: str = "http://localhost") -> None:
        self._origin = origin
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = token_bytes(32)
        self._owner = ""
        self._count = 0

    def make(self, options: dict) -> str:
        """Answer what a page of ours asks when a passkey is made."""
        asked = _plain(options)["publicKey"]
        self._owner = asked["user"]["id"]
        public = ES256.from_cryptography_key(self._key.public_key())
        held = AttestedCredentialData.create(_NO_MAKER, self._id, public)
        shown = AuthenticatorData.create(
            sha256(asked["rp"]["id"].encode()), _RECOGNISED | AuthenticatorData.FLAG.AT, 0, held
        )
        return self._answer(
            "webauthn.create", asked["challenge"],
            attestationObject=websafe_encode(AttestationObject.create("none", shown, {})),
        )  # fmt: skip

    def sign(self, options: dict) -> str:
        """Answer what a page of ours asks when somebody proves who they are."""
        asked = _plain(options)["publicKey"]
        self._count += 1
        shown = AuthenticatorData.create(sha256(asked["rpId"].encode()), _RECOGNISED, self._count)
        client = self._client("webauthn.get", asked["challenge"])
        signature = self._key.sign(shown + client.hash, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            "webauthn.get", asked["challenge"], authenticatorData=websafe_encode(shown),
            signature=websafe_encode(signature), userHandle=self._owner,
        )  # fmt: skip

    def _client(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(type=kind, challenge=challenge, origin=self._origin)

    def _answer(self, kind: str, challenge: str, **response: str) -> str:
        shown = {"clientDataJSON": websafe_encode(self._client(kind, challenge)), **response}
        return json.dumps(
            {
                "id": websafe_encode(self._id),
                "rawId": websafe_encode(self._id),
                "type": "public-key",
                "response": shown,
                "authenticatorAttachment": "platform",
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )


def _plain(options: dict) -> dict:
    """Read options as a browser gets them: JSON."""
    return json.loads(json.dumps(dict(options), default=_written))


def _written(value: object) -> object:
    return dict(value)  # type: ignore[call-overload]  # the mappings of fido2
