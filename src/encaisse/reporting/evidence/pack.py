"""What the evidence prints, as French texts ready to be typeset. Pure: no layout, no clock."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from encaisse.kernel.text import set_in_french
from encaisse.reporting.evidence.facts import Agreement, Evidence, Paper, Piece, pieces_of
from encaisse.reporting.story.facts import MailFact

Content = dict[str, object]
Rows = list[dict[str, str]]
_REASONS: Mapping[str, str] = {
    "fraudulent": "le porteur dit ne pas avoir payé",
    "unrecognized": "le porteur ne reconnaît pas ce paiement",
    "product_not_received": "le porteur dit n’avoir rien reçu",
    "product_unacceptable": "le porteur dit que la prestation n’est pas conforme",
    "duplicate": "le porteur dit avoir payé deux fois",
    "subscription_canceled": "le porteur dit avoir résilié",
    "credit_not_processed": "le porteur attend un remboursement",
}
_IDENTITY: Mapping[str, str] = {
    "authenticated": "Identifié par sa banque (3-D Secure)",
    "attempted": "Identification tentée, banque du porteur sans réponse (3-D Secure)",
}
_MAILS: Mapping[str, str] = {
    "quote": "Devis envoyé",
    "invoice": "Facture envoyée",
    "deposit_invoice": "Facture d’acompte envoyée",
    "receipt": "Reçu de paiement envoyé",
    "refund": "Remboursement annoncé",
}


def pack_content(evidence: Evidence) -> Content:
    """Return every text of the pack; a proof that does not exist is not spoken of."""
    return {
        "name": f"Contestation {evidence.dispute.provider_id}",
        "title": "Réponse à une contestation",
        "firm": evidence.firm,
        "siren": f"SIREN {evidence.siren}",
        "facts": _rows(_summary(evidence)),
        "statement": [set_in_french(line) for line in evidence.statement.split("\n")]
        if evidence.statement
        else [],
        "sections": [
            {"title": title, "rows": _rows(rows)} for title, rows in _sections(evidence) if rows
        ],
        "contents": [
            set_in_french(f"{number}. {_TITLES[piece]}")
            for number, piece in enumerate(_there(evidence), start=1)
        ],
        "photos": len(evidence.photos),
    }


_TITLES: Mapping[Piece, str] = {
    Piece.STATEMENT: "Ce que l’entreprise déclare",
    Piece.QUOTE: "Devis accepté, avec la preuve de l’accord",
    Piece.INVOICE: "Facture",
    Piece.IDENTITY: "Identification du porteur par sa banque",
    Piece.CHECKS: "Contrôle avant l’encaissement",
    Piece.PAGE: "Visite de la page de paiement",
    Piece.MESSAGES: "Messages envoyés au client",
    Piece.PHOTOS: "Photos et rapports joints",
    Piece.BANK_LINE: "Ligne du relevé de banque",
}


def _there(evidence: Evidence) -> list[Piece]:
    return [piece for piece, is_there in pieces_of(evidence).items() if is_there]


def _summary(evidence: Evidence) -> Iterator[tuple[str, str]]:
    dispute, taken = evidence.dispute, evidence.taken
    yield "Contestation", dispute.provider_id
    yield "Motif annoncé", _REASONS.get(dispute.reason, dispute.reason)
    yield "Montant contesté", dispute.amount.in_french()
    yield "Ouverte le", _moment(dispute.opened_at)
    if dispute.due_on:
        yield "Réponse attendue avant le", _day(dispute.due_on)
    if evidence.payer:
        yield "Client", evidence.payer
    if taken is not None:
        yield "Paiement", taken.provider_id
        yield "Carte", taken.card
    if evidence.payment.captured_at:
        yield "Encaissé le", _moment(evidence.payment.captured_at)
    yield "Montant payé", evidence.payment.amount.in_french()


def _sections(evidence: Evidence) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    quoted = list(_paper(evidence.quote)) if evidence.quote and evidence.agreement else []
    yield _TITLES[Piece.QUOTE], quoted + list(_agreement(evidence.agreement))
    yield _TITLES[Piece.INVOICE], list(_paper(evidence.invoice))
    yield _TITLES[Piece.IDENTITY], list(_identity(evidence))
    yield _TITLES[Piece.CHECKS], list(_checks(evidence))
    yield _TITLES[Piece.PAGE], list(_visits(evidence))
    yield _TITLES[Piece.MESSAGES], [_mail(mail) for mail in evidence.payment.mails]
    yield _TITLES[Piece.BANK_LINE], list(_bank_line(evidence))


def _paper(paper: Paper | None) -> Iterator[tuple[str, str]]:
    if paper is None:
        return
    yield "Numéro", paper.number
    if paper.dated_on:
        yield "Date", _day(paper.dated_on)
    if paper.supply_on:
        yield "Prestation du", _day(paper.supply_on)
    if paper.subject:
        yield "Objet", paper.subject
    for line in paper.lines:
        yield line.label, f"{line.net.in_french()} HT"
    yield "Total TTC", paper.gross.in_french()


def _agreement(agreement: Agreement | None) -> Iterator[tuple[str, str]]:
    if agreement is None:
        return
    yield "Accepté en ligne par", agreement.name
    yield "Le", _moment(agreement.at)
    if agreement.ip_address:
        yield "Depuis l’adresse", agreement.ip_address
    # In words that a line can hold whole: a break put inside would be copied with it.
    groups = " ".join(agreement.sha256[start : start + 16] for start in range(0, 64, 16))
    yield "Empreinte du devis (SHA-256)", groups


def _identity(evidence: Evidence) -> Iterator[tuple[str, str]]:
    taken = evidence.taken
    if taken is None or taken.authentication not in _IDENTITY:
        return
    yield "Porteur", _IDENTITY[taken.authentication]
    if taken.has_liability_shift:
        yield "Responsabilité", "Transférée à la banque du porteur en cas de fraude"


def _checks(evidence: Evidence) -> Iterator[tuple[str, str]]:
    if evidence.was_checked:
        yield "Résultat", "Rien d’inhabituel : appareil, carte, montant et rythme ordinaires"


def _visits(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for each in evidence.payment.tries:
        yield "Page de paiement ouverte le", _moment(each.opened_at)


def _mail(mail: MailFact) -> tuple[str, str]:
    return _MAILS.get(mail.kind, mail.kind), f"{_moment(mail.at)}, message {mail.message_id}"


def _bank_line(evidence: Evidence) -> Iterator[tuple[str, str]]:
    line = evidence.bank_line
    if line is not None:
        yield "Compte", line.account
        yield "Date", _day(line.booked_on)
        yield "Montant", line.amount.in_french()


def _rows(rows: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Rows:
    return [
        {"label": set_in_french(label), "value": set_in_french(value)}
        for label, value in rows
        if value
    ]


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _moment(at: datetime) -> str:
    return f"{at:%d/%m/%Y à %H:%M} UTC"
