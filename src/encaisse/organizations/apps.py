from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "encaisse.organizations"

    def ready(self) -> None:
        from encaisse.identity.events import (  # noqa: PLC0415  once apps are loaded
            AccessRefused,
            AccountReopened,
            SignedIn,
        )
        from encaisse.kit.events import handle  # noqa: PLC0415
        from encaisse.organizations import accesses  # noqa: PLC0415

        handle(SignedIn, accesses.note_sign_ins)
        handle(AccessRefused, accesses.note_refusals)
        handle(AccountReopened, accesses.note_reopenings)
