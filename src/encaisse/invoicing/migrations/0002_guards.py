from django.db import migrations

from encaisse.kit.schema import append_only, never_deleted, tenant_reference, tenant_table

TABLES = [
    "invoicing_document",
    "invoicing_documentfile",
    "invoicing_numbercounter",
    "invoicing_quote",
    "invoicing_invoice",
]
REFERENCES = [
    ("invoicing_documentfile", "document_id", "invoicing_document"),
    ("invoicing_quote", "customer_id", "counterparties_counterparty"),
    ("invoicing_quote", "document_id", "invoicing_document"),
    ("invoicing_invoice", "document_id", "invoicing_document"),
    ("invoicing_invoice", "customer_id", "counterparties_counterparty"),
    ("invoicing_invoice", "quote_id", "invoicing_quote"),
    ("invoicing_invoice", "cancels_id", "invoicing_invoice"),
]


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_initial"), ("payments", "0002_guards")]
    operations = [
        *(tenant_table(table) for table in TABLES),
        *(tenant_reference(*reference) for reference in REFERENCES),
        append_only("invoicing_document"),
        never_deleted("invoicing_quote"),
        never_deleted("invoicing_invoice"),
        never_deleted("invoicing_numbercounter"),
    ]
