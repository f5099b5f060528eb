from django.db import migrations

from encaisse.kit.schema import append_only, never_deleted, tenant_reference, tenant_table

STATE_TABLES = [
    "fraud_vigilance",
    "fraud_subjecttally",
    "fraud_passagerecord",
    "fraud_reviewcase",
    "fraud_listentry",
    "fraud_snooze",
    "fraud_ownrule",
]
FACT_TABLES = ["fraud_frauddecision", "fraud_passagelabel"]


class Migration(migrations.Migration):
    dependencies = [("fraud", "0001_initial"), ("kit", "0002_guards")]
    operations = [
        *(tenant_table(table) for table in STATE_TABLES + FACT_TABLES),
        tenant_reference("fraud_reviewcase", "decision_id", "fraud_frauddecision"),
        *(never_deleted(table) for table in STATE_TABLES),
        *(append_only(table) for table in FACT_TABLES),
    ]
