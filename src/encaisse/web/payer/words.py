"""
Every sentence of the payer's pages, in French and in English.

One typed object per language: a sentence missing in one of them does not type-check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from encaisse.kernel.errors import DomainError
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of one language. `{}` fields are filled by the views."""

    language: Language
    other_language: Language
    other_label: str
    amount_due: str
    amount_paid: str
    see_document: str
    original: str
    siren: str
    ways_title: str
    bank_title: str
    bank_note: str
    card_title: str
    card_note: str
    transfer_title: str
    transfer_note: str
    next_card: str
    next_card_proof: str
    doubt: str
    doubt_link: str
    powered: str
    paid_title: str
    paid_note: str
    refused_title: str
    refused_note: str
    pending_title: str
    pending_note: str
    held_title: str
    held_note: str
    fraud_link: str
    proofs_link: str
    fraud_title: str
    closed_title: str
    closed_note: str
    not_before_title: str
    not_before_note: str
    no_way_title: str
    no_way_note: str
    canceled_note: str
    expired_note: str
    error_title: str
    try_again: str
    transfer_page_title: str
    transfer_page_note: str
    beneficiary: str
    iban: str
    reference: str
    amount: str
    epc_title: str
    epc_note: str
    back: str
    verify_title: str
    verify_note: str
    verify_address: str
    verify_account: str
    verify_phone: str
    quote_title: str
    quote_valid: str
    quote_deposit: str
    quote_total: str
    quote_net: str
    quote_vat: str
    quote_your_name: str
    quote_name_refused: str
    quote_word_refused: str
    quote_accept: str
    quote_accept_note: str
    quote_refuse: str
    quote_refuse_word: str
    quote_refuse_button: str
    quote_accepted: str
    quote_accepted_note: str
    quote_keep: str
    quote_pay_deposit: str
    quote_pay_from: str
    quote_refused: str
    quote_over: str
    quote_withdrawn: str
    withdraw_link: str
    withdraw_until: str
    withdraw_title: str
    withdraw_note: str
    withdraw_confirm: str
    gone_title: str
    gone_note: str
    stopped_title: str
    stopped: Mapping[str, str]
    reasons: Mapping[str, str]

    def money(self, amount: Money) -> str:
        return self.language.amount(amount)

    def day(self, value: date) -> str:
        """Return a date as people say it: "lundi 23 novembre 2026"."""
        return self.language.long_day(value)

    def of_error(self, error: DomainError) -> str:
        """Say what went wrong in the payer's language."""
        return error.message if self.language is Language.FRENCH else error.detail


FRENCH = Words(
    language=Language.FRENCH,
    other_language=Language.ENGLISH,
    other_label="English",
    amount_due="Reste à payer",
    amount_paid="Montant payé",
    see_document="Voir le document",
    original="",
    siren="SIREN",
    ways_title="Choisissez comment payer",
    bank_title="Depuis ma banque",
    bank_note="Virement instantané, sans saisir d’IBAN · sans frais",
    card_title="Carte bancaire",
    card_note="Immédiat · sans frais · votre banque peut vous demander une confirmation",
    transfer_title="Virement avec IBAN ou QR",
    transfer_note="1 jour ouvré · référence déjà prête",
    next_card="Vous saisirez votre carte chez {provider}, à l’adresse {host}. {firm} ne voit jamais "
    "votre numéro.",
    next_card_proof="Attestation PCI DSS du {day}.",
    doubt="Un doute ?",
    doubt_link="Vérifiez que cette demande vient bien de {firm}",
    powered="Propulsé par Encaisse",
    paid_title="C’est payé",
    paid_note="{firm} a reçu {amount} le {day}. Un reçu vous est envoyé si votre adresse est connue. "
    "Vous n’avez plus rien à faire.",
    refused_title="Le paiement n’est pas passé",
    refused_note="{reason} Rien n’a été débité. Vous pouvez choisir un autre moyen.",
    pending_title="Paiement en cours de vérification",
    pending_note="Votre banque n’a pas encore confirmé. Ne payez pas une seconde fois : cette page dira "
    "ce qu’il en est, vous pouvez la recharger dans une minute.",
    proofs_link="Les preuves de {firm}",
    fraud_link="Lutte contre la fraude : ce qui est partagé, et vos droits",
    fraud_title="Lutte contre la fraude : vos droits",
    held_title="Paiement en attente de vérification",
    held_note="{firm} vérifie ce paiement avant de l’encaisser. Rien n’est débité : le montant est "
    "seulement réservé par votre banque, et libéré si le paiement n’est pas retenu. Vous n’avez rien "
    "à faire ; la réponse vous est envoyée par e-mail.",
    closed_title="Il n’y a plus rien à payer ici",
    closed_note="{firm} a annulé cette demande ou l’a remplacée. Si vous avez un doute, appelez-la au "
    "numéro que vous connaissez déjà.",
    not_before_title="Le paiement ouvrira le {day}",
    not_before_note="Le contrat a été signé à votre domicile : la loi interdit de vous demander de "
    "l’argent avant cette date (Code de la consommation, art. L221-10).",
    no_way_title="Le paiement en ligne n’est pas encore ouvert",
    no_way_note="{firm} n’a pas fini de préparer ses moyens de paiement. Revenez plus tard.",
    canceled_note="Vous êtes revenu sans payer. Rien n’a été débité.",
    expired_note="La page du prestataire a expiré. Rien n’a été débité.",
    error_title="Le paiement n’a pas commencé",
    try_again="Revenir aux moyens de paiement",
    transfer_page_title="Payer par virement",
    transfer_page_note="Recopiez ces lignes dans votre banque. La référence permet à {firm} de reconnaître "
    "votre virement tout de suite.",
    beneficiary="Bénéficiaire",
    iban="IBAN",
    reference="Référence",
    amount="Montant",
    epc_title="Ou scannez depuis l’application de votre banque",
    epc_note="Toutes les banques françaises ne lisent pas encore ce code. L’appareil photo seul ne suffit pas.",
    back="Retour",
    verify_title="Cette demande vient-elle bien de {firm} ?",
    verify_note="Ne cliquez sur rien dont vous doutez. Comparez ce qui suit avec vos papiers, et appelez "
    "au besoin le numéro que vous connaissiez avant de recevoir ce lien.",
    verify_address="Cette page est à l’adresse {host}. Rien n’y demande votre mot de passe bancaire.",
    verify_account="Le compte de {firm} : {masked}, au nom de {holder}.",
    verify_phone="Téléphone de {firm}",
    quote_title="Devis",
    quote_valid="Valable jusqu’au {day}",
    quote_deposit="Acompte à l’acceptation",
    quote_total="Total TTC",
    quote_net="Total HT",
    quote_vat="TVA {rate}",
    quote_your_name="Vos prénom et nom",
    quote_name_refused="Écrivez vos prénom et nom, en 120 caractères au plus.",
    quote_word_refused="Votre mot est trop long : 500 caractères au plus.",
    quote_accept="Accepter, avec obligation de paiement",
    quote_accept_note="Votre accord est une signature électronique simple : nous gardons votre nom, la date, "
    "votre adresse IP et l’empreinte de ce document exact.",
    quote_refuse="Refuser ce devis",
    quote_refuse_word="Un mot pour {firm} (facultatif)",
    quote_refuse_button="Refuser ce devis",
    quote_accepted="Devis accepté",
    quote_keep="Garder le devis (PDF)",
    quote_accepted_note="Accepté le {day}. Empreinte du document : {hash}.",
    quote_pay_deposit="Payer l’acompte de {amount}",
    quote_pay_from="L’acompte pourra être payé à partir du {day} : la loi interdit de le demander plus tôt.",
    quote_refused="Devis refusé",
    quote_over="Ce devis n’est plus valable",
    quote_withdrawn="Vous avez renoncé à ce contrat",
    withdraw_link="Renoncer au contrat ici",
    withdraw_until="Vous pouvez renoncer sans motif jusqu’au {day}.",
    withdraw_title="Renoncer au contrat",
    withdraw_note="Vous renoncez au contrat du devis {number}. {firm} en est avertie tout de suite et doit "
    "vous rembourser ce que vous avez payé sous 14 jours.",
    withdraw_confirm="Confirmer que je renonce",
    gone_title="Cette adresse ne mène nulle part",
    gone_note="Le lien est incomplet ou n’est plus valable. Demandez-le de nouveau à votre artisan.",
    stopped_title="Cette page n’a pas pu s’ouvrir",
    stopped={
        "csrf_refused": "La page était ouverte depuis trop longtemps. Rien n’a été débité : "
        "rouvrez-la et recommencez.",
        "bad_request": "La demande est trop grande ou mal formée. Rien n’a été débité.",
        "permission_denied": "Cette page ne s’ouvre pas ainsi. Rien n’a été débité.",
        "not_found": "L’adresse est incomplète ou n’est plus valable.",
        "internal_error": "L’erreur est de notre côté et elle est enregistrée. Aucun argent n’a "
        "bougé deux fois.",
        "restarting": "Le service redémarre. Rien n’est perdu : réessayez dans quelques secondes.",
    },
    reasons={
        "insufficient_funds": "Votre banque a refusé : provision insuffisante.",
        "expired_card": "Cette carte est expirée.",
        "incorrect_security_code": "Le cryptogramme de la carte est incorrect.",
        "lost_or_stolen": "Votre banque a refusé cette carte. Contactez-la.",
        "authentication_required": "Votre banque veut que vous prouviez votre identité : recommencez.",
        "authentication_failed": "Votre banque n’a pas pu vous reconnaître.",
        "refused_by_payer": "Vous avez refusé l’opération auprès de votre banque.",
        "refused_by_bank": "Votre banque a refusé sans donner de raison.",
        "technical": "Votre banque n’a pas pu traiter la demande.",
        "other": "Votre banque a refusé.",
    },
)  # fmt: skip

ENGLISH = Words(
    language=Language.ENGLISH,
    other_language=Language.FRENCH,
    other_label="Français",
    amount_due="Amount due",
    amount_paid="Amount paid",
    see_document="See the document",
    original="French original",
    siren="SIREN",
    ways_title="Choose how to pay",
    bank_title="From my bank",
    bank_note="Instant transfer, no IBAN to type · no fee",
    card_title="Card",
    card_note="Immediate · no fee · your bank may ask you to confirm",
    transfer_title="Transfer with IBAN or QR",
    transfer_note="1 working day · reference ready to copy",
    next_card="You will type your card at {provider}, at the address {host}. {firm} never sees your number.",
    next_card_proof="PCI DSS attestation of {day}.",
    doubt="In doubt?",
    doubt_link="Check that this request really comes from {firm}",
    powered="Powered by Encaisse",
    paid_title="Paid",
    paid_note="{firm} received {amount} on {day}. A receipt is sent to you if your address is known. There is "
    "nothing more to do.",
    refused_title="The payment did not go through",
    refused_note="{reason} Nothing was debited. You can choose another way.",
    pending_title="Payment being verified",
    pending_note="Your bank has not confirmed yet. Do not pay a second time: this page will say what "
    "happened, you can reload it in a minute.",
    proofs_link="The proofs of {firm}",
    fraud_link="Fraud prevention: what is shared, and your rights",
    fraud_title="Fraud prevention: your rights",
    held_title="Payment waiting for a check",
    held_note="{firm} checks this payment before taking it. Nothing is charged: your bank only holds "
    "the amount, and lets it go if the payment is not accepted. There is nothing for you to do; you "
    "will get the answer by e-mail.",
    closed_title="There is nothing left to pay here",
    closed_note="{firm} cancelled this request or replaced it. If in doubt, call them on the number you "
    "already know.",
    not_before_title="Payment opens on {day}",
    not_before_note="The contract was signed at your home: the law forbids asking you for money before that "
    "date (French Consumer Code, art. L221-10).",
    no_way_title="Online payment is not open yet",
    no_way_note="{firm} has not finished setting up its means of payment. Please come back later.",
    canceled_note="You came back without paying. Nothing was debited.",
    expired_note="The provider’s page expired. Nothing was debited.",
    error_title="The payment did not start",
    try_again="Back to the ways to pay",
    transfer_page_title="Pay by transfer",
    transfer_page_note="Copy these lines into your bank. The reference lets {firm} recognise your transfer at "
    "once.",
    beneficiary="Beneficiary",
    iban="IBAN",
    reference="Reference",
    amount="Amount",
    epc_title="Or scan from your bank’s application",
    epc_note="Not all French banks read this code yet. A plain camera is not enough.",
    back="Back",
    verify_title="Does this request really come from {firm}?",
    verify_note="Do not click on anything you doubt. Compare what follows with your papers and, if needed, "
    "call the number you knew before you received this link.",
    verify_address="This page is at the address {host}. Nothing here asks for your banking password.",
    verify_account="The account of {firm}: {masked}, held by {holder}.",
    verify_phone="Telephone of {firm}",
    quote_title="Quote",
    quote_valid="Valid until {day}",
    quote_deposit="Deposit on acceptance",
    quote_total="Total with VAT",
    quote_net="Total before VAT",
    quote_vat="VAT {rate}",
    quote_your_name="Your first and last name",
    quote_name_refused="Write your first and last name, in 120 characters at most.",
    quote_word_refused="Your word is too long: 500 characters at most.",
    quote_accept="Accept, with an obligation to pay",
    quote_accept_note="Your agreement is a simple electronic signature: we keep your name, the date, your IP "
    "address and the fingerprint of this exact document.",
    quote_refuse="Refuse this quote",
    quote_refuse_word="A word for {firm} (optional)",
    quote_refuse_button="Refuse this quote",
    quote_accepted="Quote accepted",
    quote_keep="Keep the quote (PDF)",
    quote_accepted_note="Accepted on {day}. Fingerprint of the document: {hash}.",
    quote_pay_deposit="Pay the deposit of {amount}",
    quote_pay_from="The deposit can be paid from {day}: the law forbids asking for it earlier.",
    quote_refused="Quote refused",
    quote_over="This quote is no longer valid",
    quote_withdrawn="You renounced this contract",
    withdraw_link="Renounce the contract here",
    withdraw_until="You may renounce without giving a reason until {day}.",
    withdraw_title="Renounce the contract",
    withdraw_note="You renounce the contract of quote {number}. {firm} is told at once and must refund what "
    "you paid within 14 days.",
    withdraw_confirm="Confirm that I renounce",
    gone_title="This address leads nowhere",
    gone_note="The link is incomplete or no longer valid. Ask your tradesperson for it again.",
    stopped_title="This page could not open",
    stopped={
        "csrf_refused": "The page was open for too long. Nothing was debited: open it again and "
        "start over.",
        "bad_request": "The request is too large or badly formed. Nothing was debited.",
        "permission_denied": "This page does not open that way. Nothing was debited.",
        "not_found": "The address is incomplete or no longer valid.",
        "internal_error": "The error is ours and it is recorded. No money moved twice.",
        "restarting": "The service is restarting. Nothing is lost: try again in a few seconds.",
    },
    reasons={
        "insufficient_funds": "Your bank refused: insufficient funds.",
        "expired_card": "This card has expired.",
        "incorrect_security_code": "The security code of the card is wrong.",
        "lost_or_stolen": "Your bank refused this card. Please contact it.",
        "authentication_required": "Your bank wants you to prove who you are: please try again.",
        "authentication_failed": "Your bank could not recognise you.",
        "refused_by_payer": "You refused the operation at your bank.",
        "refused_by_bank": "Your bank refused without giving a reason.",
        "technical": "Your bank could not process the request.",
        "other": "Your bank refused.",
    },
)  # fmt: skip


def words_for(language: Language) -> Words:
    return ENGLISH if language is Language.ENGLISH else FRENCH
