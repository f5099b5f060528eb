"""Addresses payers receive; contracts with the outside, kept short for QR codes."""

from django.urls import URLPattern, path

from encaisse.web.payer import payments, proofs, quotes

urlpatterns: list[URLPattern] = [
    path("p/<str:token>", payments.show, name="payer_payment"),
    path("p/<str:token>/pay", payments.pay, name="payer_pay"),
    path("p/<str:token>/return", payments.come_back, name="payer_return"),
    path("p/<str:token>/transfer", payments.transfer, name="payer_transfer"),
    path("p/<str:token>/document.pdf", payments.document, name="payer_document"),
    path("p/<str:token>/fraud", payments.fraud, name="payer_fraud"),
    path("p/<str:token>/verify", payments.verify, name="payer_verify"),
    path("p/<str:token>/firm.css", payments.stylesheet, name="payer_payment_css"),
    path("p/<str:token>/logo", payments.logo, name="payer_payment_logo"),
    path("q/<str:token>", quotes.show, name="payer_quote"),
    path("q/<str:token>/accept", quotes.accept, name="payer_quote_accept"),
    path("q/<str:token>/refuse", quotes.refuse, name="payer_quote_refuse"),
    path("q/<str:token>/withdraw", quotes.withdraw, name="payer_quote_withdraw"),
    path("q/<str:token>/document.pdf", quotes.document, name="payer_quote_document"),
    path("q/<str:token>/firm.css", quotes.stylesheet, name="payer_quote_css"),
    path("q/<str:token>/logo", quotes.logo, name="payer_quote_logo"),
    path("preuves/<str:token>", proofs.show, name="payer_proofs"),
    path("preuves/<str:token>/firm.css", proofs.stylesheet, name="payer_proofs_css"),
    path("preuves/<str:token>/logo", proofs.logo, name="payer_proofs_logo"),
]
