from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_reference, tenant_table

TABLES = ["payments_disputeanswer", "payments_disputephoto"]
REFERENCES = [
    ("payments_disputeanswer", "dispute_id", "payments_dispute"),
    ("payments_disputephoto", "answer_id", "payments_disputeanswer"),
]


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_answers_to_disputes"), ("kit", "0002_guards")]
    operations = [
        *(tenant_table(table) for table in TABLES),
        *(tenant_reference(*reference) for reference in REFERENCES),
        *(never_deleted(table) for table in TABLES),
    ]
