from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "encaisse.treasury"

    def ready(self) -> None:
        from encaisse.organizations.core import OperationKind  # noqa: PLC0415  once loaded
        from encaisse.organizations.operations import carries_out  # noqa: PLC0415
        from encaisse.treasury.services.accounts import collect_as_signed  # noqa: PLC0415

        carries_out(OperationKind.COLLECT_ON, collect_as_signed)
