"""The stories where nobody means harm: an ordinary day, and four that go wrong by themselves."""

import time
from collections.abc import Callable, Mapping

from encaisse.cli.errors import CommandFailed
from encaisse.cli.journey_payer import eventually
from encaisse.cli.stories import Told
from encaisse.cli.story_office import Office
from encaisse.cli.story_stage import ORDINARY, Stage, new_card, some_email
from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.kernel.money import Money
from encaisse.payments.core import AttemptState, RequestState
from encaisse.payments.models import PaymentIntent, PaymentRequest, Payout

_LOSES_ANSWER, _CHALLENGED = "40000034", "40000032"
_ASKED = 32_000
_LATE_DAYS = 3
_SHORT_CENTS = 1_500
# Payouts are made at six, of the days before: this holds one that takes today's payments.
_A_MORNING = {"days": 1, "hours": 6}
_WENT_WELL = ("Tout est juste.", "PAS juste.")
_DOOR = (Line("Porte-fenêtre en chêne, posée", 1000, "u", Money(1_240_00), VatRate.INTERMEDIATE),)
_REPAIR = (Line("Réparation d’une fuite", 1000, "forfait", Money(80_00), VatRate.INTERMEDIATE),)


def joiner_link(stage: Stage) -> Told:
    """A quote read, accepted and its deposit paid by its link, approved on the telephone."""
    office = Office(stage)
    quote = office.quote("Porte-fenêtre sur mesure", _DOOR)
    stage.say("Le devis part par courriel, avec un lien.")
    started = time.monotonic()
    office.accept(quote)
    stage.say("La cliente l’ouvre sur son téléphone et l’accepte.")
    link = office.request_about("quote", quote.id)
    stage.way = "push"
    stage.pay_by(link, new_card(_CHALLENGED))
    is_taken = stage.reaches(link, AttemptState.CAPTURED)
    deposit = eventually("la facture d’acompte", lambda: office.deposit_invoice(quote.id))
    seconds = round(time.monotonic() - started)
    asked = link.amount.in_french()
    stage.say(f"Elle paie {asked} ; sa banque lui demande son accord sur le téléphone.")
    stage.say(f"De l’ouverture du devis à la facture d’acompte : {seconds} s, réponses comprises.")
    return Told(
        attack="Un acompte demandé par un lien",
        sentence=f"La banque de la cliente l’a reconnue ; {asked} sont encaissés.",
        did=f"La facture d’acompte {deposit.number} est émise et soldée, le reçu est parti.",
        would_have_cost_minor=0,
        is_stopped=is_taken,
        verdicts=_WENT_WELL,
    )


def late_payer(stage: Stage) -> Told:
    """An invoice whose day passes; then its customer pays from the link they already have."""
    office = Office(stage)
    issued = office.invoice("Réparation d’une fuite", _REPAIR, name="Mme Distraite")
    stage.say(f"Facture {issued.number}, à payer aujourd’hui : {Money(issued.to_pay_minor)}.")
    stage.control("POST", "/clock/advance", {"days": _LATE_DAYS})
    during = office.overdue()
    is_seen = office.is_late(issued.id)
    stage.say(f"{_LATE_DAYS} jours passent. Personne ne paie, personne n’écrit.")
    link = office.request_about("invoice", issued.id)
    stage.pay_from_bank(link)
    eventually("le paiement de la facture", lambda: office.is_paid(issued.id) or None)
    stage.say("La cliente rouvre le même lien et vire depuis sa banque, sans recopier d’IBAN.")
    return Told(
        attack="Une facture oubliée",
        sentence=f"Facture {issued.number} en retard ; en tout, {during.overdue_count} en retard "
        f"pour {during.overdue_amount.in_french()}.",
        did="Elle s’est montrée en retard sur l’accueil, puis soldée à l’arrivée de l’argent.",
        would_have_cost_minor=issued.to_pay_minor,
        is_stopped=is_seen and not office.is_late(issued.id),
        verdicts=_WENT_WELL,
    )


def lost_answer(stage: Stage) -> Told:
    """The money is taken, nobody says so: the truth is asked, the money is not."""
    office = Office(stage)
    link = stage.link(_ASKED, "Dépannage", email=some_email(), name="Mme Patiente")
    stage.pay_by(link, new_card(_LOSES_ANSWER))
    stage.say(f"{Money(_ASKED)} autorisés. Encaisse demande au prestataire de les prendre.")
    stage.say("Il les prend, et la ligne se coupe avant sa réponse : ni oui, ni non.")
    doubted = eventually("le doute levé", lambda: office.end_of_doubt(link))
    taken = office.captures_at_provider(link)
    stage.say(f"Chez le prestataire, ce paiement a été pris {_times(taken)}.")
    is_paid = office.state_of(link) == RequestState.PAID
    return Told(
        attack="Une réponse qui n’arrive jamais",
        sentence="Un silence n’est pas un refus : le paiement est resté « à vérifier »."
        if doubted is AttemptState.UNKNOWN
        else "Un silence n’est pas un refus : la vérité est arrivée par un autre chemin.",
        did="Encaisse a relu ce paiement chez le prestataire au lieu de redemander l’argent.",
        would_have_cost_minor=_ASKED,
        is_stopped=taken == 1 and office.captured(link) == Money(_ASKED) and is_paid,
        verdicts=("Payé une seule fois.", "PAS payé une seule fois."),
    )


def _times(count: int) -> str:
    return "une seule fois" if count == 1 else f"{count} fois"


def double_payment(stage: Stage) -> Told:
    """A transfer on its way, a card meanwhile: the invoice is paid once, the rest goes back."""
    office = Office(stage)
    issued = office.invoice("Réparation d’une fuite", _REPAIR, name="M. Deux-Fois")
    link = office.request_about("invoice", issued.id)
    amount = link.amount
    office.send_transfer(link)
    stage.say(
        f"Facture {issued.number} : le client vire {amount} ; aucun relevé ne le montre encore."
    )
    stage.pay_by(link, new_card(ORDINARY))
    eventually("le paiement de la facture", lambda: office.is_paid(issued.id) or None)
    stage.say("Inquiet, il paie aussi par carte, avec le lien. La facture est soldée.")
    stage.control("POST", "/clock/advance", {"days": 1})
    office.import_bank()
    waiting = office.waiting_money(amount)
    stage.say(
        "Le lendemain, le relevé arrive : le virement aussi porte la référence de cette facture."
    )
    office.give_back(stage.attempt(link).intent)
    return _given_back(stage, office, link, waiting)


def _given_back(stage: Stage, office: Office, link: PaymentRequest, waiting: PaymentIntent) -> Told:
    amount = waiting.amount
    eventually("la facture rouverte", lambda: office.state_of(link) == RequestState.OPEN or None)
    stage.say("Le gérant rend le paiement par carte, sur la même carte.")
    office.allocate(waiting, link)
    is_paid = office.state_of(link) == RequestState.PAID
    stage.say("Le virement, qui attendait, prend sa place : la facture est soldée par lui.")
    return Told(
        attack="Le même client paie deux fois",
        sentence=f"{amount} reçus pour une facture déjà payée : comptés à part, « à affecter ».",
        did=f"{amount} rendus sur la carte, le virement gardé : la facture est payée une fois.",
        would_have_cost_minor=amount.minor,
        is_stopped=is_paid,
        verdicts=("Payé une fois, rendu une fois.", "PAS rendu comme il faut."),
    )


def payout_short(stage: Stage) -> Told:
    """The provider announces a sum, the bank shows less: the proof by three says which and why."""
    office = Office(stage)
    # What the days before left is paid first: the next payout is then of this payment alone.
    stage.control("POST", "/clock/advance", _A_MORNING)
    link = stage.link(24_000, "Entretien", email=some_email(), name="Mme Régulière")
    stage.pay_by(link, new_card(ORDINARY))
    stage.reaches(link, AttemptState.CAPTURED)
    stage.say(f"{Money(24_000)} encaissés par carte ; le prestataire les versera demain à 6 h.")
    office.make_next_payout_short(_SHORT_CENTS)
    payout = _next_payout(stage, office, link)
    announced = Money(payout.net_minor)
    stage.say(f"Versement {payout.bank_reference} : le prestataire annonce {announced}.")
    office.import_bank()
    arrived = office.unexplained_line(payout)
    if arrived is None:
        raise CommandFailed("Le relevé n’a pas montré le versement amputé.")
    lacking = announced - arrived
    stage.say(f"Le relevé de la banque montre {arrived} sous la même référence.")
    is_told = arrived in [gap.amount for gap in office.proof().unexplained]
    return Told(
        attack="Un versement amputé",
        sentence=f"Il manque {lacking} au versement {payout.bank_reference} : "
        f"{announced} annoncés, {arrived} arrivés.",
        did="La ligne n’a pas été rapprochée à peu près : elle reste inexpliquée dans la preuve "
        "à trois, avec sa référence, jusqu’à ce que le prestataire réponde.",
        would_have_cost_minor=_SHORT_CENTS,
        is_stopped=is_told and lacking == Money(_SHORT_CENTS),
        verdicts=("Vu au centime.", "PAS vu."),
    )


def _next_payout(stage: Stage, office: Office, link: PaymentRequest) -> Payout:
    """Let a morning come, and wait until the payout it brings is told."""
    stage.control("POST", "/clock/advance", _A_MORNING)
    return eventually("le versement du prestataire", lambda: office.payout_of(link))


INCIDENTS: Mapping[str, Callable[[Stage], Told]] = {
    "joiner-link": joiner_link,
    "late-payer": late_payer,
    "lost-answer": lost_answer,
    "double-payment": double_payment,
    "payout-short": payout_short,
}
