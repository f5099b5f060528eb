"""Our pages where allauth has its own: the same addresses and names, found first."""

from django.urls import URLPattern, URLResolver, path

from encaisse.web.entrance import passkey
from encaisse.web.factors import approvers, enrol, guardians, passkeys, phones, recovery, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="mfa_index"),
    path("accord/", approvers.add, name="approver_add"),
    path("accord/<uuid:approver_id>/retirer/", approvers.remove, name="approver_remove"),
    path("<str:kind>/<str:factor_id>/retirer/", views.remove, name="factor_remove"),
    path("choisir/", enrol.enrol, name="enrol"),
    path("recovery-codes/", enrol.codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", enrol.renew_codes, name="mfa_generate_recovery_codes"),
    path("recovery-codes/download/", enrol.download, name="mfa_download_recovery_codes"),
    path("totp/activate/", enrol.activate_totp, name="mfa_activate_totp"),
    path("totp/deactivate/", views.remove_totp, name="mfa_deactivate_totp"),
    path("totp/image.svg", views.totp_image, name="totp_image"),
    path("garant/", guardians.guardian, name="guardian"),
    path("garants/", guardians.guardianships, name="guardianships"),
    path("garants/<uuid:guardianship>/accepter/", guardians.accept, name="guardianship_accept"),
    path("garants/<uuid:guardianship>/terminer/", guardians.end, name="guardianship_end"),
    path("garants/demandes/<uuid:case>/", guardians.approve, name="recovery_approve"),
    path("garants/demandes/<uuid:case>/refuser/", guardians.refuse, name="recovery_refuse"),
    path("recuperation/", recovery.ask, name="recovery_ask"),
    path("recuperation/<str:token>/", recovery.use, name="recovery_open"),
    path("recuperations/<uuid:case>/", recovery.show, name="recovery"),
    path("telephone/", phones.add, name="phone_add"),
    path("telephone/code/", phones.confirm, name="phone_confirm"),
    path("telephone/renvoyer/", phones.resend, name="phone_resend"),
    path("webauthn/", views.to_index, name="mfa_list_webauthn"),
    path("webauthn/add/", passkeys.add, name="mfa_add_webauthn"),
    path("webauthn/login/", passkey.sign_in, name="mfa_login_webauthn"),
    path("webauthn/reauthenticate/", passkeys.prove, name="mfa_reauthenticate_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", passkeys.rename, name="mfa_edit_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
]
