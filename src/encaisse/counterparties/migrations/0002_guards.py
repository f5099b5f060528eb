from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_table


class Migration(migrations.Migration):
    dependencies = [("counterparties", "0001_initial"), ("kit", "0002_guards")]
    operations = [
        tenant_table("counterparties_counterparty"),
        tenant_table("counterparties_counterpartycounter"),
        never_deleted("counterparties_counterparty"),
    ]
