from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_reference, tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("security", "0001_initial"),
    ]
    operations = [
        tenant_table("security_alert"),
        tenant_table("security_alertdelivery"),
        tenant_table("security_exporthabit"),
        tenant_reference("security_alertdelivery", "alert_id", "security_alert"),
        never_deleted("security_alert"),
        never_deleted("security_alertdelivery"),
    ]
