from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "encaisse.messaging"
