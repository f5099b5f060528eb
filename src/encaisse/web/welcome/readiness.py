"""What still stands between a firm and its first payment. Reads only."""

from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator

from encaisse.providers.errors import NoConnection
from encaisse.providers.models import Connection
from encaisse.providers.queries import active_connection
from encaisse.treasury.queries import bank_accounts


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with the page where it is done."""

    title: str
    text: str
    route: str
    action: str
    is_done: bool
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Readiness:
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_ready(self) -> bool:
        return all(step.is_done for step in self.steps if step.is_needed)

    @property
    def is_complete(self) -> bool:
        return all(step.is_done for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.is_done), None)


def readiness(*, organization_id: UUID, user_id: UUID) -> Readiness:
    connection = _connection(organization_id)
    has_account = bank_accounts(organization_id=organization_id).filter(is_collecting=True).exists()
    return Readiness(
        (
            Step("Votre entreprise", "Son nom, son adresse, son SIREN.", "firm", "Relire", True),
            _provider_step(connection),
            Step(
                "Votre compte bancaire",
                "Là où l’argent arrive.",
                "bank_new",
                "Ajouter",
                has_account,
            ),
            Step(
                "Un second facteur",
                "Pour que votre mot de passe ne soit pas seul à protéger l’argent.",
                "mfa_activate_totp",
                "Ajouter",
                _has_factor(user_id),
                is_needed=False,
            ),
        )
    )


def _provider_step(connection: Connection | None) -> Step:
    title, route = "Votre prestataire de paiement", "provider"
    if connection is None:
        return Step(title, "Il encaisse les cartes pour vous.", route, "Connecter", False)
    if connection.webhook_tested_at is None:
        return Step(
            title, "Connecté ; son message d’essai n’est pas arrivé.", route, "Tester", False
        )
    return Step(title, f"{connection.display_name}, message d’essai reçu.", route, "Voir", True)


def _connection(organization_id: UUID) -> Connection | None:
    try:
        return active_connection(organization_id=organization_id)
    except NoConnection:
        return None


def _has_factor(user_id: UUID) -> bool:
    factors = Authenticator.objects.filter(user_id=user_id)
    return bool(factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
