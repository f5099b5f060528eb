"""Public names of events. A name is a contract: it is added, never changed. Pure."""

from collections.abc import Mapping

PUBLIC_NAMES: Mapping[str, str] = {
    "AlertRaised": "alert.raised",
    "DisputeClosed": "dispute.closed",
    "DisputeOpened": "dispute.opened",
    "FundsArrived": "funds.arrived",
    "InvoiceIssued": "invoice.issued",
    "InvoicePaid": "invoice.paid",
    "InvoiceReopened": "invoice.reopened",
    "PaymentCaptured": "payment.captured",
    "PaymentRefused": "payment.refused",
    "PaymentReversed": "payment.reversed",
    "PayoutAnnounced": "payout.announced",
    "QuoteAccepted": "quote.accepted",
    "QuoteRefused": "quote.refused",
    "QuoteSent": "quote.sent",
    "QuoteWithdrawn": "quote.withdrawn",
    "RefundSucceeded": "refund.succeeded",
}
# Steps of our own machinery, and who works here: nobody outside could act on them.
INTERNAL_NAMES = frozenset(
    {
        "AlertDue", "ApiKeyUsedFromNewAddress", "CollectingAccountChanged", "DataExported",
        "MemberInvited", "OperationRefused", "ProviderConnected", "RefundRequested", "RoleGiven",
        "WebhookReceived", "WebhookRefused",
    }
)  # fmt: skip
