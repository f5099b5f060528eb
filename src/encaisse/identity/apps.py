from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "encaisse.identity"

    def ready(self) -> None:
        from allauth.account import signals as account  # noqa: PLC0415  once apps are loaded
        from allauth.mfa import signals  # noqa: PLC0415  the same

        from encaisse.identity import witness  # noqa: PLC0415

        # allauth tells what it did to a factor in no other way.
        signals.authenticator_added.connect(witness.note_added)
        signals.authenticator_reset.connect(witness.note_renewed)
        signals.authenticator_used.connect(witness.note_used)
        account.password_changed.connect(witness.note_password)
        account.password_set.connect(witness.note_password)
        account.password_reset.connect(witness.note_password)
