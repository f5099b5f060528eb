"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, digest, sealed

_OURS = "A word of ours, from a list."
_THEIRS = "The provider's name for an object: opens nothing without the keys."

declare(
    "payments_paymentrequest",
    clear(_OURS, "reference_kind", "currency", "credit_account", "state", "closed_reason"),
    clear("What is paid, as lists and searches show it.", "description"),
    clear("The reference that a transfer must bear, found in statements.", "creditor_reference"),
    sealed("The secret of the payer's link.", "token_sealed"),
)
declare("payments_paymentintent", clear(_OURS, "method", "currency", "state", "credited_account"))
declare(
    "payments_paymentattempt",
    clear(_OURS, "state", "failure", "authentication", "identification"),
    clear(_THEIRS, "provider_id", "card_fingerprint"),
    clear(
        "What PCI DSS lets be shown of a card.",
        "card_brand",
        "card_last4",
        "card_expiry",
        "card_country",
    ),
    sealed("Opens the provider's page for this payer.", "checkout_url_sealed"),
)
declare(
    "payments_attemptrefusal",
    clear(_OURS, "reason"),
    clear("What PCI DSS lets be shown of a card.", "card_last4"),
)
declare(
    "payments_refund",
    clear(_OURS, "currency", "state"),
    clear(_THEIRS, "provider_id"),
    sealed("The firm's own note of why.", "reason_sealed"),
)
declare(
    "payments_dispute",
    clear(_THEIRS, "provider_id"),
    clear(_OURS, "currency", "reason", "state"),
)
declare(
    "payments_disputeanswer",
    clear(_OURS, "kind", "state"),
    clear("The provider's code for why it refused.", "failure"),
    digest("The hash of the evidence that was sent.", "pack_sha256"),
    sealed("What the firm tells the payer's bank.", "statement_sealed"),
)
declare(
    "payments_payout",
    clear(_THEIRS, "provider_id"),
    clear(_OURS, "currency"),
    clear("Found in statements to match the payout.", "bank_reference"),
)
declare(
    "payments_payoutline",
    clear(_OURS, "kind"),
    clear(_THEIRS, "provider_id", "provider_payment_id"),
)
