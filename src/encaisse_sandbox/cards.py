"""Test cards, what each one does, and what the provider takes for them."""

from dataclasses import asdict, dataclass

from encaisse_sandbox.amounts import half_up

EEA = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"}
    | {"IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)

# (brand, region) to (rate in basis points, fixed part in cents)
FEES: dict[tuple[str, str], tuple[int, int]] = {
    ("visa", "eea"): (140, 25),
    ("mastercard", "eea"): (140, 25),
    ("visa", "international"): (290, 25),
    ("mastercard", "international"): (290, 25),
}
OTHER_BRAND_FEES: dict[str, tuple[int, int]] = {"eea": (190, 25), "international": (340, 25)}
INSTANT_TRANSFER_FEE = 35
DISPUTE_FEE = 1500

# Why a merchant may ask that the holder be spared a proof: (EU) 2018/389, articles 16 and 18.
EXEMPTIONS = frozenset({"low_value", "transaction_risk"})
DECLINES: dict[str, str] = {
    "generic_decline": "La banque a refusé le paiement sans donner de raison.",
    "insufficient_funds": "La provision de la carte est insuffisante.",
    "expired_card": "La carte est expirée.",
    "incorrect_cvc": "Le cryptogramme est incorrect.",
    "stolen_card": "La banque a refusé la carte.",
    "lost_card": "La banque a refusé la carte.",
    "processing_error": "La banque n’a pas pu traiter la demande.",
    "do_not_honor": "La banque a refusé d’honorer le paiement.",
    "authentication_required": "La banque veut que vous prouviez votre identité : recommencez.",
    "authentication_failed": "La banque n’a pas pu vous authentifier.",
    "authentication_refused": "Vous avez refusé l’opération auprès de votre banque.",
    "transfer_refused": "Vous avez refusé le virement auprès de votre banque.",
}


@dataclass(frozen=True, slots=True)
class TestCard:
    """A published number and what it does."""

    number: str
    behaviour: str
    label: str
    country: str = "FR"


CARDS: tuple[TestCard, ...] = (
    TestCard("4242424242424242", "approve", "Acceptée sans code"),
    TestCard("5555555555554444", "approve", "Mastercard acceptée sans code"),
    TestCard(
        "4000000000003220",
        "challenge",
        "Acceptée une fois son porteur reconnu : SMS, application, accord, biométrie "
        "(comme toute carte en 4000 0032)",
    ),
    TestCard(
        "4000000000003238", "challenge_fails", "Authentification en échec, quel que soit le code"
    ),
    TestCard("4000000000000002", "generic_decline", "Refusée sans raison"),
    TestCard("4000000000009995", "insufficient_funds", "Refusée : provision insuffisante"),
    TestCard("4000000000000069", "expired_card", "Refusée : carte expirée"),
    TestCard("4000000000000127", "incorrect_cvc", "Refusée : cryptogramme incorrect"),
    TestCard("4000000000009979", "stolen_card", "Refusée : carte volée"),
    TestCard("4000000000009987", "lost_card", "Refusée : carte perdue"),
    TestCard("4000000000000119", "processing_error", "Refusée : erreur de traitement"),
    TestCard("4000000000000101", "do_not_honor", "Refusée : « ne pas honorer »"),
    TestCard(
        "4000000000000341",
        "lost_answer",
        "Acceptée ; la réponse à la capture se perd (comme toute carte en 4000 0034)",
    ),
    TestCard("4000000000006975", "slow_answer", "Acceptée ; la capture répond après 8 secondes"),
    TestCard("4000000000000259", "disputed", "Acceptée, contestée 3 jours plus tard (fraude)"),
    TestCard(
        "4000000000003105", "wants_proof", "Refuse qu’on l’en dispense, puis acceptée après un code"
    ),
    TestCard(
        "4000000500000007",
        "no_authentication",
        "Acceptée ; sa banque ignore le 3-D Secure (comme toute carte en 4000 0005)",
        "US",
    ),
    TestCard("4000000000000846", "approve", "Acceptée, carte américaine (frais plus élevés)", "US"),
)
# As many cards as wanted whose bank does not identify its holders: each is another card.
_NO_AUTHENTICATION = "40000005"
# And whose capture is done, but never answered.
_LOST_ANSWER = "40000034"
# And whose bank always wants to recognise its holder.
_CHALLENGED = "40000032"
_BY_NUMBER = {card.number: card for card in CARDS}


def find(number: str) -> TestCard:
    """Return what a number does: any number that is not published is simply accepted."""
    if number.startswith(_NO_AUTHENTICATION):
        return TestCard(number, "no_authentication", "Sa banque ignore le 3-D Secure", "US")
    if number.startswith(_CHALLENGED):
        return TestCard(number, "challenge", "Acceptée une fois son porteur reconnu")
    if number.startswith(_LOST_ANSWER):
        return TestCard(number, "lost_answer", "La réponse à la capture se perd")
    return _BY_NUMBER.get(number) or TestCard(number, "approve", "Acceptée sans code")


def published() -> list[dict[str, str]]:
    """Return the test cards for whoever documents or scripts them."""
    return [asdict(card) | {"brand": brand(card.number)} for card in CARDS]


def brand(number: str) -> str:
    """Return the network that the first digits name."""
    prefixes = {"visa": ("4",), "mastercard": ("5", "2"), "amex": ("34", "37")}
    return next((name for name, starts in prefixes.items() if number.startswith(starts)), "other")


def fee(brand_name: str, country: str, amount: int) -> int:
    """Return what the provider takes on a captured card payment, in cents."""
    region = "eea" if country in EEA else "international"
    rate, fixed = FEES.get((brand_name, region), OTHER_BRAND_FEES[region])
    return half_up(amount * rate, 10_000) + fixed


@dataclass(frozen=True, slots=True)
class Authentication:
    """The outcome of 3-D Secure, as the provider's API words it."""

    status: str
    eci: str
    liability_shift: bool
    version: str = "2.2.0"


_ECI = {"authenticated": ("05", "02"), "attempted": ("06", "01")}


def authentication(status: str, brand_name: str) -> Authentication:
    """Return what a 3-D Secure status means for this network: its ECI and who bears a fraud."""
    others, mastercard = _ECI.get(status, ("07", "00"))
    eci = mastercard if brand_name == "mastercard" else others
    return Authentication(status=status, eci=eci, liability_shift=status in _ECI)


def frictionless_status(card: TestCard, three_d_secure: str) -> str:
    """Return the 3-D Secure status of a payment that no challenge interrupts."""
    if card.behaviour == "disputed" or three_d_secure in EXEMPTIONS:
        return "not_required"  # an exemption asked by the acquirer, so that the fraud is its own
    if card.behaviour == "no_authentication":
        return "unavailable"
    return "authenticated" if card.country in EEA else "attempted"
