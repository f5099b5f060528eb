from django.db import migrations

from encaisse.kit.schema import append_only, never_deleted, tenant_reference, tenant_table


class Migration(migrations.Migration):
    dependencies = [("providers", "0001_initial"), ("kit", "0002_guards")]
    operations = [
        tenant_table("providers_connection"),
        tenant_table("providers_inboundevent"),
        tenant_table("providers_pendingevent"),
        tenant_reference("providers_inboundevent", "connection_id", "providers_connection"),
        tenant_reference("providers_pendingevent", "connection_id", "providers_connection"),
        tenant_reference("providers_pendingevent", "event_id", "providers_inboundevent"),
        append_only("providers_inboundevent"),
        never_deleted("providers_connection"),
    ]
