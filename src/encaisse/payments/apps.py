from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "encaisse.payments"

    def ready(self) -> None:
        from encaisse.kit.events import handle  # noqa: PLC0415  once applications are loaded
        from encaisse.payments.inbox import queue_inbox  # noqa: PLC0415
        from encaisse.providers.events import WebhookReceived  # noqa: PLC0415

        handle(WebhookReceived, queue_inbox)
