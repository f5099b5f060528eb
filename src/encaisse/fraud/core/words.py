"""Why a model found a payment risky, in a sentence per family of features."""

from collections.abc import Mapping, Sequence

_SUBJECTS: Mapping[str, str] = {
    "card": "cette carte",
    "email": "cette adresse e-mail",
    "device": "cet appareil",
    "ip": "cette connexion",
    "network": "ce réseau",
    "customer": "ce client",
    "link": "ce lien de paiement",
    "merchant": "votre entreprise",
    "payer": "ce payeur",
    "terminal": "ce terminal",
}
# The start of a figure's name, and what is said of it; the first that fits is taken.
_FIGURES: Sequence[tuple[str, str]] = (
    ("fraud", "Des fraudes ont déjà été reconnues pour {subject}."),
    ("clean_since_fraud", "Des fraudes ont déjà été reconnues pour {subject}."),
    ("unusual", "Des montants inhabituels se suivent pour {subject}."),
    ("amount", "Le montant sort de l’ordinaire pour {subject}."),
    ("refused", "Des paiements ont été refusés récemment pour {subject}."),
    ("count", "Le nombre récent de paiements est inhabituel pour {subject}."),
    ("mean", "Le montant s’écarte des paiements récents pour {subject}."),
    ("age_days", "L’ancienneté pèse dans le risque pour {subject}."),
    ("hours_since", "Le temps passé depuis le paiement précédent est inhabituel pour {subject}."),
    ("distance_km", "Le lieu est éloigné du précédent pour {subject}."),
    ("usual_km", "Le lieu est éloigné des lieux habituels pour {subject}."),
    ("speed_kmh", "Le déplacement serait trop rapide pour {subject}."),
    ("known", "L’ancienneté pèse dans le risque pour {subject}."),
    ("cards", "Plusieurs cartes différentes ont été vues pour {subject}."),
    ("card_new", "La carte n’avait jamais été vue pour {subject}."),
    ("emails", "Plusieurs adresses e-mail ont été vues pour {subject}."),
    ("email_new", "L’adresse e-mail n’avait jamais été vue pour {subject}."),
    ("devices", "Plusieurs appareils ont été vus pour {subject}."),
    ("device_new", "L’appareil n’avait jamais été vu pour {subject}."),
    ("ips", "Plusieurs connexions ont été vues pour {subject}."),
    ("ip_new", "La connexion n’avait jamais été vue pour {subject}."),
    ("payers", "Plusieurs payeurs ont été vus pour {subject}."),
    ("payer_new", "Le payeur n’avait jamais été vu pour {subject}."),
    ("terminals", "Plusieurs terminaux ont été vus pour {subject}."),
    ("terminal_new", "Le terminal n’avait jamais été vu pour {subject}."),
)
_OWN: Mapping[str, str] = {
    "amount": "Le montant lui-même.",
    "euros": "Le montant lui-même.",
    "hour": "L’heure du paiement.",
    "night": "L’heure du paiement.",
    "weekday": "Le jour de la semaine.",
    "is_card": "Le moyen de paiement.",
    "card_abroad": "La carte vient d’un autre pays que le client.",
    "card_far": "La carte vient d’un pays où les banques identifient peu les porteurs.",
    "address_abroad": "La connexion vient d’un autre pays que le client.",
    "address_unknown": "Le pays de la connexion n’est pas connu.",
    "countries_disagree": "La carte et la connexion ne sont pas du même pays.",
    "email_disposable": "L’adresse e-mail est de celles que l’on jette après usage.",
    "customer_age_days": "L’ancienneté du client pèse dans le risque.",
    "link_age_hours": "Le temps passé depuis l’envoi du lien pèse dans le risque.",
    "is_authenticated": "La banque n’a pas vérifié le porteur.",
    "liability_shift": "La banque n’a pas vérifié le porteur.",
}
MOST_REASONS = 3


def reasons(contributions: Sequence[tuple[str, float]]) -> list[str]:
    """Say the features that raised the score most, each sentence once, three at most."""
    told: dict[str, float] = {}
    for name, gain in contributions:
        if gain > 0:
            sentence = sentence_of(name)
            told[sentence] = told.get(sentence, 0.0) + gain
    return sorted(told, key=lambda sentence: -told[sentence])[:MOST_REASONS]


def sentence_of(name: str) -> str:
    """
    Return the sentence about one feature.

    :raises KeyError: nothing is written about it
    """
    if name in _OWN:
        return _OWN[name]
    subject, _, figure = name.partition("_")
    for start, sentence in _FIGURES:
        if figure.startswith(start):
            return sentence.format(subject=_SUBJECTS[subject])
    raise KeyError(name)
