from encaisse.kernel.errors import DomainError


class RequestNotPayable(DomainError):
    """The request can no longer be paid: it is {state}."""

    code = "request_not_payable"
    status = 409
    french = "Cette demande ne peut plus être payée."


class RequestAlreadyPaid(RequestNotPayable):
    """The request is already paid."""

    code = "request_already_paid"
    french = "Cette demande est déjà payée. Rien de plus n’a été débité."


class CardsSuspended(DomainError):
    """This link takes no card until somebody of the firm has looked at it."""

    code = "cards_suspended"
    status = 409
    french = (
        "Ce lien n’accepte plus de carte pour le moment, par prudence. Rien n’a été débité. Payez "
        "par virement, ou appelez l’entreprise."
    )


class PaymentNotAccepted(DomainError):
    """The firm does not accept this payment; another way remains."""

    code = "payment_not_accepted"
    status = 409
    french = (
        "Ce paiement ne peut pas être accepté ainsi. Rien n’a été débité. Payez par virement "
        "ordinaire, ou appelez l’entreprise."
    )


class RequestNotYetPayable(DomainError):
    """The request cannot lawfully be paid before {day}."""

    code = "request_not_yet_payable"
    status = 409
    french = "Le paiement ne peut pas être demandé avant le {day}."


class PaymentInProgress(DomainError):
    """A payment of this request is under way; a second one cannot start."""

    code = "payment_in_progress"
    status = 409
    french = (
        "Un paiement est en cours de vérification. Pour ne pas payer deux fois, attendez sa fin."
    )


class CheckoutElsewhere(DomainError):
    """The provider gave a page to pay on that is not on its own site."""

    code = "checkout_elsewhere"
    status = 502
    french = (
        "Le prestataire a donné une page de paiement qui n’est pas chez lui : vous n’y êtes pas "
        "envoyé et rien n’a été débité. Prévenez l’entreprise que vous payez."
    )


class PaymentMethodUnavailable(DomainError):
    """This way of paying is not available for this request."""

    code = "payment_method_unavailable"
    status = 409
    french = "Ce moyen de paiement n’est pas disponible pour cette demande."


class RefundExceedsPayment(DomainError):
    """Only {refundable} can still be refunded."""

    code = "refund_exceeds_payment"
    status = 409
    french = "Il ne reste que {refundable} à rembourser."


class PaymentNotCaptured(DomainError):
    """A payment is refunded only once its money is taken."""

    code = "payment_not_captured"
    status = 409
    french = "Ce paiement n’a pas été encaissé : il n’y a rien à rembourser."


class NotRefundableHere(DomainError):
    """Money received by plain transfer is returned from the bank, not through a provider."""

    code = "refund_by_bank_only"
    status = 409
    french = "Ce virement se rembourse depuis votre banque."


class DisputeClosedAlready(DomainError):
    """The dispute is decided: nothing is answered any more."""

    code = "dispute_closed"
    status = 409
    french = "La banque du client a déjà tranché : il n’y a plus rien à répondre."


class DisputeAnswered(DomainError):
    """The dispute has its answer, and there is only one."""

    code = "dispute_answered"
    status = 409
    french = "Cette contestation a déjà sa réponse : la banque n’en lit qu’une."


class DisputeAnsweredTooLate(DomainError):
    """Evidence was due by {due}."""

    code = "dispute_answered_too_late"
    status = 409
    french = "La date limite est passée depuis le {due} : la banque ne lit plus de réponse."


class EvidenceChanged(DomainError):
    """The evidence is not what was read before confirming."""

    code = "evidence_changed"
    status = 409
    french = "Le dossier a changé depuis que vous l’avez relu. Rien n’est parti : relisez-le."


class TooManyPhotos(DomainError):
    """An answer carries at most {largest} photos."""

    code = "too_many_photos"
    status = 409
    french = "Un dossier tient {largest} photos au plus. Retirez-en une d’abord."


class ProviderMismatch(DomainError):
    """The provider's {field} is not what was asked."""

    code = "provider_mismatch"
    status = 409
    french = "Le prestataire annonce autre chose que ce qui était demandé ({field})."
