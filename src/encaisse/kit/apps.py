from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "encaisse.kit"
    label = "kit"
