"""Chromium's virtual authenticator: a telephone with a fingerprint reader, for tests."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

_TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """The device in somebody's hands: it makes passkeys and answers with them."""

    def __init__(self, page) -> None:
        self._chromium = page.context.new_cdp_session(page)
        self._chromium.send("WebAuthn.enable", {"enableUI": False})
        self.id = self._call("addVirtualAuthenticator", options=_TELEPHONE)["authenticatorId"]

    def credentials(self) -> list[dict]:
        return self._call("getCredentials", authenticatorId=self.id)["credentials"]

    def recognise(self, *, succeeds: bool) -> None:
        """Say whether the finger on the reader is the owner's."""
        self._call("setUserVerified", authenticatorId=self.id, isUserVerified=succeeds)

    def rewind(self, *, count: int) -> None:
        """Put the signature counter back, as on a copy made earlier."""
        (known,) = self.credentials()
        self._call("removeCredential", authenticatorId=self.id, credentialId=known["credentialId"])
        self._call(
            "addCredential", authenticatorId=self.id, credential=known | {"signCount": count}
        )

    def forge(self, *, for_user_handle: str, rp_id: str) -> None:
        """Hold a key of one's own that claims to be somebody else's."""
        key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        self._call(
            "addCredential",
            authenticatorId=self.id,
            credential={
                "credentialId": base64.b64encode(b"somebody else's key").decode(),
                "isResidentCredential": True,
                "rpId": rp_id,
                "privateKey": base64.b64encode(key).decode(),
                "userHandle": for_user_handle,
                "signCount": 1,
            },
        )

    def _call(self, command: str, **parameters: object) -> dict:
        return self._chromium.send(f"WebAuthn.{command}", parameters)
