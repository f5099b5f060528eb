"""Our pages where allauth has its own: the same addresses and names, found first."""

from django.urls import URLPattern, URLResolver, path

from encaisse.web.factors import enrol, passkeys, phones, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="mfa_index"),
    path("<str:kind>/<str:factor_id>/retirer/", views.remove, name="factor_remove"),
    path("choisir/", enrol.enrol, name="enrol"),
    path("recovery-codes/", enrol.codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/download/", enrol.download, name="mfa_download_recovery_codes"),
    path("totp/activate/", enrol.activate_totp, name="mfa_activate_totp"),
    path("totp/deactivate/", views.remove_totp, name="mfa_deactivate_totp"),
    path("totp/image.svg", views.totp_image, name="totp_image"),
    path("telephone/", phones.add, name="phone_add"),
    path("telephone/code/", phones.confirm, name="phone_confirm"),
    path("telephone/renvoyer/", phones.resend, name="phone_resend"),
    path("webauthn/", views.to_index, name="mfa_list_webauthn"),
    path("webauthn/add/", passkeys.add, name="mfa_add_webauthn"),
    path("webauthn/reauthenticate/", passkeys.prove, name="mfa_reauthenticate_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", passkeys.rename, name="mfa_edit_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
]
