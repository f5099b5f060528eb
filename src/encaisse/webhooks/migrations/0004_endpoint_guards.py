from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_reference, tenant_table


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0003_endpoints")]
    operations = [
        tenant_table("webhooks_endpoint"),
        tenant_table("webhooks_delivery"),
        tenant_reference("webhooks_delivery", "endpoint_id", "webhooks_endpoint"),
        never_deleted("webhooks_endpoint"),
        never_deleted("webhooks_delivery"),
    ]
