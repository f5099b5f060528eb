from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_reference, tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0009_operations"),
    ]
    operations = [
        tenant_table("organizations_operation"),
        never_deleted("organizations_operation"),
        tenant_table("organizations_signature"),
        never_deleted("organizations_signature"),
        tenant_reference("organizations_signature", "operation_id", "organizations_operation"),
    ]
