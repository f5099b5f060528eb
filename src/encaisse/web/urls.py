"""Addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path

from encaisse.web import health
from encaisse.web.bank import accounts
from encaisse.web.customers import views as customers
from encaisse.web.firm import views as firm
from encaisse.web.home import views as home
from encaisse.web.webhooks import views as webhooks
from encaisse.web.welcome import views as welcome

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("encaisse.web.payer.urls")),
    path("webhooks/<uuid:connection_id>", webhooks.receive, name="webhook"),
    path("compte/", include("allauth.account.urls")),
    path("compte/2fa/", include("allauth.mfa.urls")),
    path("", home.home, name="home"),
    path("bienvenue/", welcome.start, name="welcome"),
    path("bienvenue/pret/", welcome.ready, name="ready"),
    path("entreprises/", welcome.places, name="places"),
    path("clients/", customers.index, name="customers"),
    path("clients/nouveau/", customers.create, name="customer_new"),
    path("clients/<uuid:customer_id>/", customers.show, name="customer"),
    path("clients/<uuid:customer_id>/modifier/", customers.edit, name="customer_edit"),
    path("banque/", accounts.index, name="bank"),
    path("banque/nouveau/", accounts.create, name="bank_new"),
    path("reglages/entreprise/", firm.show, name="firm"),
    path("reglages/entreprise/modifier/", firm.edit, name="firm_edit"),
    path("reglages/entreprise/logo", firm.logo, name="firm_logo"),
    path("reglages/prestataire/", welcome.provider, name="provider"),
    path("reglages/prestataire/essai/", welcome.trial, name="provider_trial"),
    path("reglages/prestataire/message-d-essai/", welcome.check, name="provider_check"),
]
