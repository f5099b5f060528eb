from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "encaisse.payments"

    def ready(self) -> None:
        from encaisse.kit.events import handle  # noqa: PLC0415  once applications are loaded
        from encaisse.organizations.at_once import weighs  # noqa: PLC0415
        from encaisse.organizations.core import OperationKind  # noqa: PLC0415
        from encaisse.organizations.operations import carries_out  # noqa: PLC0415
        from encaisse.payments.inbox import queue_inbox  # noqa: PLC0415
        from encaisse.payments.services.refund_risk import weighed_refund  # noqa: PLC0415
        from encaisse.payments.services.signed import refund_as_signed  # noqa: PLC0415
        from encaisse.providers.events import WebhookReceived  # noqa: PLC0415

        carries_out(OperationKind.REFUND, refund_as_signed)
        weighs(OperationKind.REFUND, weighed_refund)
        handle(WebhookReceived, queue_inbox)
