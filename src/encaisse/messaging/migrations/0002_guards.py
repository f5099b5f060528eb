from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_table


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("kit", "0002_guards")]
    operations = [
        tenant_table("messaging_outboundmail"),
        never_deleted("messaging_outboundmail"),
    ]
