from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "encaisse.identity"

    def ready(self) -> None:
        from allauth.mfa import signals  # noqa: PLC0415  once apps are loaded

        from encaisse.identity import witness  # noqa: PLC0415

        # allauth tells what it did to a factor in no other way.
        signals.authenticator_added.connect(witness.note_added)
        signals.authenticator_reset.connect(witness.note_renewed)
        signals.authenticator_used.connect(witness.note_used)
