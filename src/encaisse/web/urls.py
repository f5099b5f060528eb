"""Addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path

from encaisse.web import health
from encaisse.web.webhooks import views as webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("", include("encaisse.web.payer.urls")),
    path("webhooks/<uuid:connection_id>", webhooks.receive, name="webhook"),
]
