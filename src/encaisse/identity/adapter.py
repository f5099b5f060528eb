"""What allauth asks of us: where people go next, and how their factors are kept."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from encaisse.kit.crypto import Place, seal, unseal

# allauth seals a text without saying whose it is, so that the place names the table only.
FACTOR_PLACE = Place("mfa_authenticator", "data", UUID(int=0))


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened and confirmed by e-mail; the messages are ours, in French."""


class FactorAdapter(DefaultMFAAdapter):
    """TOTP secrets and the seed of recovery codes are never stored in clear."""

    def encrypt(self, text: str) -> str:
        return urlsafe_b64encode(seal(text, FACTOR_PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(urlsafe_b64decode(encrypted_text), FACTOR_PLACE)
