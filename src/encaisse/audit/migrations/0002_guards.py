from django.db import migrations

from encaisse.kit.schema import append_only, never_deleted, tenant_reference, tenant_table


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("kit", "0002_guards")]
    operations = [
        tenant_table("audit_auditentry"),
        tenant_table("audit_auditpayload"),
        tenant_table("audit_audithead"),
        tenant_reference("audit_auditpayload", "entry_id", "audit_auditentry"),
        append_only("audit_auditentry"),
        never_deleted("audit_auditpayload"),
        never_deleted("audit_audithead"),
    ]
