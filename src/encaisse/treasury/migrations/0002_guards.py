from django.db import migrations

from encaisse.kit.schema import append_only, never_deleted, tenant_reference, tenant_table

TABLES = [
    "treasury_bankaccount",
    "treasury_bankstatement",
    "treasury_banktransaction",
    "treasury_unmatchedtransaction",
    "treasury_match",
]
REFERENCES = [
    ("treasury_bankstatement", "account_id", "treasury_bankaccount"),
    ("treasury_banktransaction", "account_id", "treasury_bankaccount"),
    ("treasury_banktransaction", "statement_id", "treasury_bankstatement"),
    ("treasury_unmatchedtransaction", "transaction_id", "treasury_banktransaction"),
    ("treasury_match", "transaction_id", "treasury_banktransaction"),
]


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_initial"), ("payments", "0002_guards")]
    operations = [
        *(tenant_table(table) for table in TABLES),
        *(tenant_reference(*reference) for reference in REFERENCES),
        never_deleted("treasury_bankaccount"),
        never_deleted("treasury_bankstatement"),
        append_only("treasury_banktransaction"),
    ]
