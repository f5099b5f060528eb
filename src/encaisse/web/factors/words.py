"""Factors in words."""

from collections.abc import Mapping

from encaisse.identity.core import FactorKind

WORDS: Mapping[FactorKind, str] = {
    FactorKind.PASSKEY: "clé d’accès",
    FactorKind.TOTP: "application de codes",
    FactorKind.PHONE: "numéro de téléphone",
    FactorKind.APPROVER: "téléphone qui donne votre accord",
    FactorKind.RECOVERY_CODES: "codes de secours",
}
REMOVED_MAILS: Mapping[FactorKind, str] = {
    FactorKind.PASSKEY: "mfa/email/webauthn_removed",
    FactorKind.TOTP: "mfa/email/totp_deactivated",
    FactorKind.PHONE: "mfa/email/phone_removed",
    FactorKind.APPROVER: "mfa/email/approver_removed",
}
