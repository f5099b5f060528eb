from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "encaisse.identity"
