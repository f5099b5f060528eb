from django.db import migrations

from encaisse.kit.schema import append_only, tenant_table


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_checkpoints")]
    operations = [
        tenant_table("audit_auditcheckpoint"),
        append_only("audit_auditcheckpoint"),
    ]
