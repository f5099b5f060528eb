from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0007_safeguards"),
    ]
    operations = [
        tenant_table("organizations_safeguards"),
        never_deleted("organizations_safeguards"),
    ]
