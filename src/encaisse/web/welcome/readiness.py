"""What still stands between a firm and its first payment. Reads only."""

from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator

from encaisse.kernel.trades import BUILDING, Trade
from encaisse.organizations.queries import profile
from encaisse.payments.queries import payments
from encaisse.providers.errors import NoConnection
from encaisse.providers.models import Connection
from encaisse.providers.queries import active_connection
from encaisse.treasury.queries import bank_accounts

SIMULATED = "sandbox"


@dataclass(frozen=True, slots=True)
class Step:
    """
    One thing to do, with the page where it is done.

    Unneeded, one can be paid without it; quiet, nobody is reminded of it elsewhere.
    """

    title: str
    text: str
    route: str
    action: str
    is_done: bool
    is_needed: bool = True
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def left(self) -> int:
        """Return how many things somebody is reminded of."""
        return sum(not step.is_done and not step.is_quiet for step in self.steps)

    @property
    def is_ready(self) -> bool:
        return all(step.is_done for step in self.steps if step.is_needed)

    @property
    def is_complete(self) -> bool:
        return not self.left

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
            *_building_steps(organization_id),
            _first_payment_step(organization_id),
            _real_keys_step(connection),
        )
    )


def _building_steps(organization_id: UUID) -> list[Step]:
    """Return what the law asks of building trades (loi 96-603, art. 22-2)."""
    firm = profile(organization_id=organization_id)
    if Trade(firm.trade) not in BUILDING:
        return []
    return [
        Step(
            "Votre assurance décennale",
            "La loi la veut sur vos devis et vos factures, avec l’assureur et le territoire.",
            "firm_edit",
            "Compléter",
            bool(firm.insurance),
            is_needed=False,
        )
    ]


def _first_payment_step(organization_id: UUID) -> Step:
    return Step(
        "Un premier paiement, à vous-même",
        "Un euro, pour voir ce que verra votre client.",
        "first_payment",
        "Essayer",
        payments(organization_id=organization_id).filter(captured_at__isnull=False).exists(),
        is_needed=False,
    )


def _real_keys_step(connection: Connection | None) -> Step:
    """Say plainly that a simulated provider pays nobody."""
    if connection is None or connection.provider != SIMULATED:
        text = "Les clés de production de votre prestataire : l’argent est alors réel."
    else:
        text = "Vos clés sont celles du monde simulé : rien de réel n’est encaissé avec elles."
    is_done = connection is not None and connection.provider != SIMULATED
    return Step(
        "De vraies clés", text, "provider", "Connecter", is_done, is_needed=False, is_quiet=True
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
