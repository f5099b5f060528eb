from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "encaisse.security"

    def ready(self) -> None:
        from encaisse.fraud.events import CaseOpened, ReportContested  # noqa: PLC0415
        from encaisse.identity import events as identity  # noqa: PLC0415  once apps are loaded
        from encaisse.kit.events import handle, subscribe_job  # noqa: PLC0415
        from encaisse.organizations import events as organizations  # noqa: PLC0415
        from encaisse.payments.events import DisputeOpened, RefundRequested  # noqa: PLC0415
        from encaisse.providers.events import WebhookRefused  # noqa: PLC0415
        from encaisse.security.causes import queue_factors  # noqa: PLC0415
        from encaisse.treasury.events import CollectingAccountChanged  # noqa: PLC0415

        subscribe_job(identity.AccessFailed, "security.look_at_failure")
        subscribe_job(identity.SignedIn, "security.look_at_sign_in")
        subscribe_job(identity.AccessRefused, "security.look_at_refusal")
        subscribe_job(identity.ApprovalRefused, "security.look_at_denial")
        subscribe_job(identity.AccountFrozen, "security.look_at_freeze")
        handle(identity.FactorChanged, queue_factors)
        subscribe_job(identity.RecoveryMoved, "security.look_at_recovery")
        subscribe_job(organizations.RoleGiven, "security.look_at_role")
        subscribe_job(organizations.DataExported, "security.look_at_export")
        subscribe_job(organizations.ApiKeyUsedFromNewAddress, "security.look_at_key_address")
        subscribe_job(organizations.OperationRefused, "security.look_at_refused_operation")
        subscribe_job(CollectingAccountChanged, "security.look_at_collecting_account")
        subscribe_job(CaseOpened, "security.look_at_case")
        subscribe_job(ReportContested, "security.look_at_contest")
        subscribe_job(DisputeOpened, "security.look_at_dispute")
        subscribe_job(RefundRequested, "security.look_at_refund")
        subscribe_job(WebhookRefused, "security.look_at_refused_webhook")
