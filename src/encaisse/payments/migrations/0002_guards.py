from django.db import migrations

from encaisse.kit.schema import append_only, never_deleted, tenant_reference, tenant_table

STATE_TABLES = [
    "payments_paymentrequest",
    "payments_paymentintent",
    "payments_paymentattempt",
    "payments_refund",
    "payments_dispute",
    "payments_payout",
]
FACT_TABLES = ["payments_attemptrefusal", "payments_payoutline"]
REFERENCES = [
    ("payments_paymentrequest", "counterparty_id", "counterparties_counterparty"),
    ("payments_paymentintent", "request_id", "payments_paymentrequest"),
    ("payments_paymentattempt", "intent_id", "payments_paymentintent"),
    ("payments_paymentattempt", "connection_id", "providers_connection"),
    ("payments_attemptrefusal", "attempt_id", "payments_paymentattempt"),
    ("payments_refund", "intent_id", "payments_paymentintent"),
    ("payments_dispute", "intent_id", "payments_paymentintent"),
    ("payments_dispute", "connection_id", "providers_connection"),
    ("payments_payout", "connection_id", "providers_connection"),
    ("payments_payoutline", "payout_id", "payments_payout"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0001_initial"),
        ("counterparties", "0002_guards"),
        ("providers", "0002_guards"),
        ("kit", "0002_guards"),
    ]
    operations = [
        *(tenant_table(table) for table in STATE_TABLES + FACT_TABLES),
        *(tenant_reference(*reference) for reference in REFERENCES),
        *(never_deleted(table) for table in STATE_TABLES),
        *(append_only(table) for table in FACT_TABLES),
    ]
