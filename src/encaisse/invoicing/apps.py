from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "encaisse.invoicing"

    def ready(self) -> None:
        from encaisse.invoicing.events import InvoiceIssued  # noqa: PLC0415  once apps are loaded
        from encaisse.invoicing.services import receipts  # noqa: PLC0415
        from encaisse.kit.events import handle  # noqa: PLC0415
        from encaisse.payments.events import (  # noqa: PLC0415
            PaymentCaptured,
            PaymentReversed,
            RefundSucceeded,
        )

        handle(PaymentCaptured, receipts.on_captured)
        handle(RefundSucceeded, receipts.on_returned)
        handle(PaymentReversed, receipts.on_returned)
        handle(InvoiceIssued, receipts.on_issued)
