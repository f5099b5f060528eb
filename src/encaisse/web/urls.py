"""Addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from encaisse.web import health, offline, reports
from encaisse.web.access import public
from encaisse.web.bank import accounts
from encaisse.web.bank import lines as bank
from encaisse.web.customers import views as customers
from encaisse.web.disputes import views as disputes
from encaisse.web.documents import invoices, quotes, totals
from encaisse.web.entrance import answering, confirm, leaving
from encaisse.web.entrance import views as entrance
from encaisse.web.factors import views as factors
from encaisse.web.figures import choice as figures_choice
from encaisse.web.figures import exports as figures_exports
from encaisse.web.figures import views as figures
from encaisse.web.firm import endpoints, invitations, journal, keys, preview, proofs, team
from encaisse.web.firm import views as firm
from encaisse.web.help import views as help_views
from encaisse.web.home import views as home
from encaisse.web.money import payments, requests
from encaisse.web.operations import views as operations
from encaisse.web.search import views as search
from encaisse.web.security import activity, alert_settings, alerts, freezing, rules
from encaisse.web.vigilance import (
    cases,
    costs,
    decisions,
    lists,
    own_rules,
    report,
    shared,
)
from encaisse.web.vigilance import choices as vigilance
from encaisse.web.webhooks import views as webhooks
from encaisse.web.welcome import first_payment
from encaisse.web.welcome import views as welcome

ICON = public("every page has it")(RedirectView.as_view(url="/static/web/icon.svg"))

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("favicon.ico", ICON),
    path(reports.PATH.removeprefix("/"), reports.csp, name="csp_report"),
    path("hors-ligne/", offline.page, name="offline"),
    path("app-worker.js", offline.worker, name="app_worker"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("encaisse.web.payer.urls")),
    path("webhooks/<uuid:connection_id>", webhooks.receive, name="webhook"),
    path("compte/activite/", activity.index, name="activity"),
    path("compte/activite/fermer/", activity.end_others, name="sessions_end"),
    path("compte/activite/<slug:name>/fermer/", activity.end, name="session_end"),
    path(
        "compte/activite/appareils/<uuid:device_id>/oublier/",
        activity.forget_device,
        name="device_forget",
    ),
    path("compte/alertes/", alert_settings.choose_channels, name="alert_settings"),
    path("compte/geler/", freezing.freeze_mine, name="freeze_mine"),
    path("geler/<str:token>/", freezing.use, name="freeze_link"),
    path("alertes/", alerts.index, name="alerts"),
    path("alertes/<uuid:alert_id>/", alerts.show, name="alert"),
    path("alertes/<uuid:alert_id>/vue/", alerts.mark_seen, name="alert_seen"),
    path("compte/verification/", entrance.step, name="entrance"),
    path("compte/accords/", answering.index, name="approvals"),
    path("compte/accords/<uuid:approval_id>/", answering.answer, name="approval"),
    path("compte/confirmer/", confirm.confirm, name="confirm"),
    path("compte/logout/", leaving.leave, name="account_logout"),
    path("compte/email/", factors.addresses, name="account_email"),
    path("compte/", include("allauth.account.urls")),
    path("compte/2fa/", include("encaisse.web.factors.urls")),
    path("compte/2fa/", include("allauth.mfa.urls")),
    path("", home.home, name="home"),
    path("aide/", help_views.index, name="help"),
    path("chercher/", search.show, name="search"),
    path("tableau-de-bord/", figures.index, name="dashboard"),
    path("tableau-de-bord/blocs/", figures_choice.show, name="dashboard_blocks"),
    path("tableau-de-bord/export.csv", figures_exports.table, name="dashboard_csv"),
    path("tableau-de-bord/export.pdf", figures_exports.pdf, name="dashboard_pdf"),
    path("bienvenue/", welcome.start, name="welcome"),
    path("bienvenue/apercu/", preview.show, name="firm_preview"),
    path("bienvenue/couleur.css", preview.colours, name="firm_preview_css"),
    path("bienvenue/premier-paiement/", first_payment.show, name="first_payment"),
    path("bienvenue/premier-paiement/ouvrir/", first_payment.begin, name="first_payment_begin"),
    path("bienvenue/pret/", welcome.ready, name="ready"),
    path("entreprises/", welcome.places, name="places"),
    path("clients/", customers.index, name="customers"),
    path("clients/nouveau/", customers.create, name="customer_new"),
    path("clients/<uuid:customer_id>/", customers.show, name="customer"),
    path("clients/<uuid:customer_id>/modifier/", customers.edit, name="customer_edit"),
    path("devis/", quotes.index, name="quotes"),
    path("devis/nouveau/", quotes.create, name="quote_new"),
    path("devis/<uuid:quote_id>/", quotes.show, name="quote"),
    path("devis/<uuid:quote_id>/pdf", quotes.pdf, name="quote_pdf"),
    path("devis/<uuid:quote_id>/modifier/", quotes.edit, name="quote_edit"),
    path("devis/<uuid:quote_id>/envoyer/", quotes.send, name="quote_send"),
    path("devis/<uuid:quote_id>/facturer/", invoices.from_quote, name="invoice_from_quote"),
    path("documents/totaux/", totals.totals, name="document_totals"),
    path("factures/", invoices.index, name="invoices"),
    path("factures/nouvelle/", invoices.create, name="invoice_new"),
    path("factures/<uuid:invoice_id>/", invoices.show, name="invoice"),
    path("factures/<uuid:invoice_id>/pdf", invoices.pdf, name="invoice_pdf"),
    path("factures/<uuid:invoice_id>/avoir/", invoices.credit, name="invoice_credit"),
    path("demandes/", requests.index, name="requests"),
    path("demandes/nouvelle/", requests.create, name="request_new"),
    path("demandes/<uuid:request_id>/", requests.show, name="request"),
    path("demandes/<uuid:request_id>/fermer/", requests.close, name="request_close"),
    path("paiements/", payments.index, name="payments"),
    path("paiements/<uuid:intent_id>/", payments.show, name="payment"),
    path("paiements/<uuid:intent_id>/rembourser/", payments.refund, name="payment_refund"),
    path("paiements/<uuid:intent_id>/affecter/", payments.allocate, name="payment_allocate"),
    path("contestations/", disputes.index, name="disputes"),
    path("contestations/<uuid:dispute_id>/", disputes.show, name="dispute"),
    path("contestations/<uuid:dispute_id>/preuves/", disputes.stage, name="dispute_stage"),
    path("contestations/<uuid:dispute_id>/retirer/", disputes.unstage, name="dispute_unstage"),
    path("contestations/<uuid:dispute_id>/dossier.pdf", disputes.pack, name="dispute_pack"),
    path("contestations/<uuid:dispute_id>/envoyer/", disputes.send, name="dispute_send"),
    path("contestations/<uuid:dispute_id>/abandonner/", disputes.abandon, name="dispute_abandon"),
    path("a-verifier/", cases.index, name="reviews"),
    path("a-verifier/<uuid:case_id>/", cases.show, name="review"),
    path("a-verifier/<uuid:case_id>/liberer/", cases.let_through, name="review_release"),
    path("a-verifier/<uuid:case_id>/refuser/", cases.give_up, name="review_refuse"),
    path("a-verifier/<uuid:case_id>/identite/", cases.ask_who, name="review_identity"),
    path("a-verifier/<uuid:case_id>/pause/", cases.pause_rule, name="review_snooze"),
    path("fraude/", vigilance.show, name="vigilance"),
    path("fraude/choisir/", vigilance.change, name="vigilance_set"),
    path("fraude/decisions/", decisions.index, name="decisions"),
    path("fraude/decisions/<uuid:decision_id>/", decisions.show, name="decision"),
    path("fraude/listes/", lists.index, name="fraud_lists"),
    path("fraude/listes/ajouter/", lists.add, name="fraud_list_add"),
    path("fraude/listes/importer/", lists.load, name="fraud_list_import"),
    path("fraude/listes/exporter/", lists.export, name="fraud_list_export"),
    path("fraude/listes/<uuid:entry_id>/retirer/", lists.end, name="fraud_list_end"),
    path("fraude/liste-partagee/", shared.index, name="shared_list"),
    path("fraude/liste-partagee/partager/", shared.begin, name="shared_join"),
    path("fraude/liste-partagee/quitter/", shared.stop, name="shared_leave"),
    path("fraude/liste-partagee/exporter/", shared.export, name="shared_export"),
    path(
        "fraude/liste-partagee/<uuid:report_id>/retirer/", shared.take_back, name="shared_withdraw"
    ),
    path("fraude/liste-partagee/<uuid:report_id>/maintenir/", shared.keep, name="shared_uphold"),
    path("fraude/decisions/<uuid:decision_id>/contester/", shared.dispute, name="shared_contest"),
    path("fraude/regles/", own_rules.index, name="own_rules"),
    path("fraude/regles/nouvelle/", own_rules.create, name="own_rule_new"),
    path("fraude/regles/<uuid:rule_id>/", own_rules.move, name="own_rule_move"),
    path("fraude/bilan/", report.show, name="fraud_report"),
    path("fraude/cout/", costs.show, name="fraud_cost"),
    path("banque/import/", bank.load, name="bank_import"),
    path("banque/mouvements/", bank.index, name="transactions"),
    path("banque/a-rapprocher/", bank.waiting, name="unmatched"),
    path("banque/mouvements/<uuid:transaction_id>/", bank.explain, name="transaction_explain"),
    path("banque/preuve/", bank.proof, name="three_way"),
    path("banque/", accounts.index, name="bank"),
    path("banque/nouveau/", accounts.create, name="bank_new"),
    path("banque/<uuid:account_id>/encaisser/", accounts.collect, name="bank_collect"),
    path("reglages/entreprise/", firm.show, name="firm"),
    path("reglages/entreprise/modifier/", firm.edit, name="firm_edit"),
    path("reglages/entreprise/logo", firm.logo, name="firm_logo"),
    path("reglages/preuves/", proofs.show, name="proofs"),
    path("reglages/preuves/publier/", proofs.publish, name="proofs_publish"),
    path("reglages/preuves/retirer/", proofs.withdraw, name="proofs_withdraw"),
    path("equipe/", team.index, name="members"),
    path("equipe/inviter/", team.invite, name="member_invite"),
    path("equipe/<uuid:membership_id>/role/", team.change, name="member_role"),
    path("equipe/<uuid:membership_id>/code-d-urgence/", team.emergency, name="member_emergency"),
    path("equipe/<uuid:membership_id>/rouvrir/", team.reopen, name="member_reopen"),
    path("equipe/<uuid:membership_id>/geler/", freezing.freeze_member, name="member_freeze"),
    path("equipe/<uuid:membership_id>/retirer/", team.remove, name="member_remove"),
    path(
        "equipe/invitations/<uuid:invitation_id>/renvoyer/", team.resend, name="invitation_resend"
    ),
    path("equipe/invitations/<uuid:invitation_id>/annuler/", team.revoke, name="invitation_revoke"),
    path("invitation/<str:token>", invitations.show, name="invitation"),
    path("cles/", keys.index, name="api_keys"),
    path("cles/nouvelle/", keys.create, name="api_key_new"),
    path("cles/<uuid:key_id>/remplacer/", keys.rotate, name="api_key_rotate"),
    path("cles/<uuid:key_id>/revoquer/", keys.revoke, name="api_key_revoke"),
    path("reglages/webhooks/", endpoints.index, name="endpoints"),
    path("reglages/webhooks/nouveau/", endpoints.add, name="endpoint_new"),
    path("reglages/webhooks/<uuid:endpoint_id>/essai/", endpoints.attempt, name="endpoint_try"),
    path("reglages/webhooks/<uuid:endpoint_id>/fermer/", endpoints.close, name="endpoint_close"),
    path("reglages/webhooks/<uuid:endpoint_id>/ouvrir/", endpoints.reopen, name="endpoint_open"),
    path(
        "reglages/webhooks/<uuid:endpoint_id>/renvoyer/",
        endpoints.send_left,
        name="endpoint_replay",
    ),
    path(
        "reglages/webhooks/messages/<uuid:delivery_id>/renvoyer/",
        endpoints.send_again,
        name="delivery_replay",
    ),
    path("reglages/securite/", rules.show, name="safeguards"),
    path("reglages/securite/choisir/", rules.change, name="safeguards_set"),
    path("a-signer/", operations.index, name="operations"),
    path("a-signer/<uuid:operation_id>/", operations.show, name="operation"),
    path("a-signer/<uuid:operation_id>/arreter/", operations.stop, name="operation_stop"),
    path("journal/", journal.show, name="audit"),
    path("journal/exporter/", journal.export, name="audit_export"),
    path("reglages/prestataire/", welcome.provider, name="provider"),
    path("reglages/prestataire/essai/", welcome.trial, name="provider_trial"),
    path("reglages/prestataire/message-d-essai/", welcome.check, name="provider_check"),
]
