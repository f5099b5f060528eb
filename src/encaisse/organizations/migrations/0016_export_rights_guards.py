from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0015_export_rights"),
    ]
    operations = [
        tenant_table("organizations_exportright"),
        never_deleted("organizations_exportright"),
    ]
