from django.apps import AppConfig


class FraudConfig(AppConfig):
    name = "encaisse.fraud"

    def ready(self) -> None:
        from encaisse.fraud.services.choices import vigilance_as_signed  # noqa: PLC0415  models
        from encaisse.organizations.core import OperationKind  # noqa: PLC0415
        from encaisse.organizations.operations import carries_out  # noqa: PLC0415

        carries_out(OperationKind.VIGILANCE, vigilance_as_signed)
