"""The word, the tone and the icon of each state people see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """`tone` is ok, wait, bad, info or quiet."""

    word: str
    tone: str
    icon: str


REFUSALS = {
    "insufficient_funds": "provision insuffisante",
    "expired_card": "carte expirée",
    "incorrect_security_code": "cryptogramme incorrect",
    "lost_or_stolen": "carte perdue ou volée",
    "authentication_required": "preuve d’identité voulue par sa banque",
    "authentication_failed": "client non reconnu par sa banque",
    "refused_by_payer": "refusé par le client",
    "refused_by_bank": "refusé par la banque, sans raison donnée",
    "technical": "panne technique",
    "other": "refusé par la banque",
}
# What the merchant can do about a refusal.
CURES = {
    "insufficient_funds": "Redonnez le même lien dans quelques jours, ou proposez le virement.",
    "expired_card": "Votre client prend sa nouvelle carte ; le même lien reste valable.",
    "incorrect_security_code": "Votre client recopie les trois chiffres du dos, puis recommence.",
    "lost_or_stolen": "N’insistez pas avec cette carte ; assurez-vous que c’est bien votre client.",
    "authentication_required": "Rien à faire : au prochain essai, la preuve lui sera demandée.",
    "authentication_failed": "Votre client confirme dans l’application de sa banque, ou fait un "
    "virement.",
    "refused_by_payer": "Appelez-le : le montant ou l’objet l’a peut-être surpris.",
    "refused_by_bank": "Sa banque seule connaît la raison : il l’appelle, ou fait un virement.",
    "technical": "Rien à corriger chez vous : il recommence dans un moment.",
    "other": "Votre client essaie un autre moyen, ou appelle sa banque.",
}
# What became of a message to an address of the firm.
OUTCOMES = {
    "no_connection": "adresse injoignable",
    "no_answer": "pas de réponse à temps",
    "address_refused": "adresse d’un réseau privé",
    "endpoint_closed": "adresse fermée",
    "endpoint_stopped": "pas parti : l’adresse s’est fermée d’elle-même",
}
METHODS = {
    "card": "Carte",
    "instant_transfer": "Virement instantané",
    "transfer": "Virement",
}

STATES: dict[str, dict[str, State]] = {
    "request": {
        "open": State("En attente", "wait", "clock"),
        "paid": State("Payée", "ok", "check"),
        "closed": State("Fermée", "quiet", "cross"),
    },
    "intent": {
        "open": State("Non terminé", "quiet", "clock"),
        "processing": State("Vérification en cours", "wait", "clock"),
        "captured": State("Encaissé", "ok", "check"),
        "canceled": State("Annulé", "quiet", "cross"),
    },
    "verdict": {
        "allow": State("Accepté", "ok", "check"),
        "challenge": State("Preuve demandée", "info", "shield"),
        "hold": State("Retenu", "wait", "clock"),
        "block": State("Refusé", "bad", "cross"),
    },
    "refund_verdict": {
        "allow": State("Ordinaire", "ok", "check"),
        "challenge": State("À signer", "info", "pen"),
        "hold": State("À signer à deux", "wait", "people"),
    },
    "own_rule": {
        "draft": State("Brouillon", "quiet", "pen"),
        "shadow": State("Observée", "info", "clock"),
        "published": State("Publiée", "ok", "check"),
        "retired": State("Retirée", "quiet", "cross"),
    },
    "case": {
        "waiting": State("À vérifier", "wait", "clock"),
        "released": State("Libéré", "ok", "check"),
        "refused": State("Refusé", "bad", "cross"),
        "expired": State("Sans suite", "quiet", "cross"),
    },
    "attempt": {
        "created": State("Préparé", "quiet", "dot"),
        "requires_action": State("Attend le client", "wait", "clock"),
        "pending": State("En cours", "wait", "clock"),
        "authorized": State("Autorisé", "wait", "clock"),
        "held": State("À vérifier", "wait", "shield"),
        "capturing": State("Encaissement en cours", "wait", "clock"),
        "unknown": State("Réponse attendue", "wait", "clock"),
        "captured": State("Encaissé", "ok", "check"),
        "failed": State("Refusé", "bad", "cross"),
        "canceled": State("Annulé", "quiet", "cross"),
        "expired": State("Abandonné", "quiet", "cross"),
    },
    "refund": {
        "reserved": State("Demandé", "wait", "clock"),
        "pending": State("En route", "wait", "clock"),
        "unknown": State("Réponse attendue", "wait", "clock"),
        "succeeded": State("Remboursé", "ok", "check"),
        "failed": State("Refusé", "bad", "cross"),
    },
    "dispute": {
        "needs_response": State("Contestation en cours", "bad", "alert"),
        "under_review": State("Dossier chez la banque", "wait", "clock"),
        "won": State("Contestation gagnée", "ok", "check"),
        "lost": State("Contestation perdue", "bad", "cross"),
    },
    "quote": {
        "draft": State("Brouillon", "quiet", "pen"),
        "sent": State("Envoyé", "info", "send"),
        "accepted": State("Accepté", "ok", "check"),
        "refused": State("Refusé", "bad", "cross"),
        "expired": State("Périmé", "quiet", "clock"),
        "withdrawn": State("Rétracté", "bad", "back"),
        "invoiced": State("Facturé", "ok", "invoice"),
    },
    "invoice": {
        "issued": State("À payer", "wait", "clock"),
        "late": State("En retard", "bad", "alert"),
        "paid": State("Payée", "ok", "check"),
        "credited": State("Annulée par avoir", "quiet", "back"),
        "credit_note": State("Avoir", "quiet", "back"),
    },
    "match": {
        "payout": State("Versement", "ok", "check"),
        "initiated_transfer": State("Virement instantané", "ok", "check"),
        "transfer": State("Virement reçu", "ok", "check"),
        "to_allocate": State("À affecter", "wait", "clock"),
        "refund": State("Remboursement", "ok", "back"),
        "none": State("Sans explication", "wait", "alert"),
    },
    "alert": {
        "open": State("À voir", "wait", "alert"),
        "seen": State("Vue", "quiet", "check"),
        "closed": State("Terminée", "quiet", "clock"),
    },
    "delivery": {
        "queued": State("En route", "wait", "clock"),
        "taken": State("Reçu", "ok", "check"),
        "failed": State("Abandonné", "bad", "cross"),
    },
    "endpoint": {
        "open": State("Ouverte", "ok", "check"),
        "failing": State("Ne répond pas", "wait", "clock"),
        "stopped": State("Fermée d’elle-même", "bad", "cross"),
    },
    "severity": {
        "grave": State("Grave", "bad", "alert"),
        "look": State("À vérifier", "wait", "alert"),
        "information": State("Information", "info", "dot"),
    },
    "invitation": {
        "pending": State("En attente", "wait", "clock"),
        "expired": State("Expirée", "quiet", "clock"),
    },
    "key": {
        "active": State("Active", "ok", "check"),
        "revoked": State("Révoquée", "quiet", "cross"),
        "expired": State("Expirée", "quiet", "clock"),
        "retiring": State("Remplacée, encore ouverte", "wait", "clock"),
        "replaced": State("Remplacée", "quiet", "check"),
    },
    "authentication": {
        "authenticated": State("Client reconnu par sa banque", "ok", "check"),
        "attempted": State("Banque non équipée", "quiet", "dot"),
        "not_required": State("Dispensé", "quiet", "dot"),
        "failed": State("Client non reconnu", "bad", "cross"),
    },
    "step": {
        "done": State("Fait", "ok", "check"),
        "missing": State("À faire", "wait", "clock"),
    },
}


# What messages to a firm's own programs tell.
EVENTS = {
    "alert.raised": "Alerte",
    "dispute.closed": "Contestation close",
    "dispute.opened": "Contestation ouverte",
    "funds.arrived": "Argent arrivé à la banque",
    "invoice.issued": "Facture émise",
    "invoice.paid": "Facture payée",
    "invoice.reopened": "Facture de nouveau à payer",
    "payment.captured": "Paiement encaissé",
    "payment.refused": "Essai de paiement refusé",
    "payment.reversed": "Paiement repris",
    "payout.announced": "Versement annoncé",
    "review.closed": "Vérification close",
    "review.opened": "Paiement à vérifier",
    "review.identity_asked": "Identité demandée",
    "quote.accepted": "Devis accepté",
    "quote.refused": "Devis refusé",
    "quote.sent": "Devis envoyé",
    "quote.withdrawn": "Renoncement à un devis",
    "refund.succeeded": "Remboursement fait",
    "report.contested": "Signalement contesté",
}
