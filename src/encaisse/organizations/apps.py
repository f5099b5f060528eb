from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "encaisse.organizations"

    def ready(self) -> None:
        from encaisse.identity.events import FactorChanged  # noqa: PLC0415  once apps are loaded
        from encaisse.kit.events import handle  # noqa: PLC0415
        from encaisse.organizations import witness  # noqa: PLC0415

        handle(FactorChanged, witness.note_factors)
