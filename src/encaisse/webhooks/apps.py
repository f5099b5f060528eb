from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "encaisse.webhooks"

    def ready(self) -> None:
        from encaisse.kit.events import Event, handle  # noqa: PLC0415  once apps are loaded
        from encaisse.security.events import AlertRaised  # noqa: PLC0415
        from encaisse.webhooks.endpoints import queue_alerts  # noqa: PLC0415
        from encaisse.webhooks.services import store_events  # noqa: PLC0415

        handle(Event, store_events)
        handle(AlertRaised, queue_alerts)
