from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "encaisse.notifications"

    def ready(self) -> None:
        from encaisse.fraud import events as fraud  # noqa: PLC0415
        from encaisse.identity.events import RecoveryMoved  # noqa: PLC0415  once apps are loaded
        from encaisse.invoicing import events as invoicing  # noqa: PLC0415
        from encaisse.kit.events import handle, subscribe_job  # noqa: PLC0415
        from encaisse.notifications.recoveries import tell_every_firm  # noqa: PLC0415
        from encaisse.organizations import events as organizations  # noqa: PLC0415
        from encaisse.payments import events as payments  # noqa: PLC0415
        from encaisse.security.events import AlertDue  # noqa: PLC0415

        handle(RecoveryMoved, tell_every_firm)
        subscribe_job(AlertDue, "notifications.send_alert")
        subscribe_job(organizations.MemberInvited, "notifications.send_invitation")
        subscribe_job(organizations.OperationAsked, "notifications.send_operation_notice")
        subscribe_job(payments.PaymentCaptured, "notifications.send_receipt")
        subscribe_job(fraud.CaseOpened, "notifications.send_held_notice")
        subscribe_job(fraud.IdentityAsked, "notifications.send_identity_asked")
        subscribe_job(fraud.CaseClosed, "notifications.send_not_taken_notice")
        subscribe_job(payments.RefundSucceeded, "notifications.send_refund_notice")
        subscribe_job(payments.DisputeOpened, "notifications.send_dispute_alert")
        subscribe_job(invoicing.QuoteSent, "notifications.send_quote")
        subscribe_job(invoicing.QuoteAccepted, "notifications.send_quote_accepted")
        subscribe_job(invoicing.QuoteRefused, "notifications.send_quote_refused")
        subscribe_job(invoicing.QuoteWithdrawn, "notifications.send_quote_withdrawn")
        subscribe_job(invoicing.InvoiceIssued, "notifications.send_invoice")
