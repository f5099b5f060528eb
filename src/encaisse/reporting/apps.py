from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "encaisse.reporting"

    def ready(self) -> None:
        from encaisse.invoicing.events import InvoicePaid  # noqa: PLC0415  once apps are loaded
        from encaisse.kit.events import handle  # noqa: PLC0415
        from encaisse.payments.events import (  # noqa: PLC0415
            DisputeOpened,
            PaymentCaptured,
            PaymentRefused,
            RefundSucceeded,
        )
        from encaisse.reporting import figures  # noqa: PLC0415
        from encaisse.treasury.events import FundsArrived  # noqa: PLC0415

        handle(PaymentCaptured, figures.on_captured)
        handle(PaymentRefused, figures.on_refused)
        handle(RefundSucceeded, figures.on_refunded)
        handle(DisputeOpened, figures.on_disputed)
        handle(FundsArrived, figures.on_funds)
        handle(InvoicePaid, figures.on_invoice_paid)
