from django.db import migrations

from encaisse.kit.schema import tenant_reference, tenant_table

# The real time of a key's making was not kept apart from the business one until now.
ISSUED = "UPDATE organizations_apikey SET issued_at = least(created_at, now())"


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0011_api_keys_replaced_and_places"),
    ]
    operations = [
        migrations.RunSQL(ISSUED, migrations.RunSQL.noop),
        tenant_table("organizations_apikeyrange"),
        tenant_reference("organizations_apikeyrange", "key_id", "organizations_apikey"),
        tenant_reference("organizations_apikey", "replaces_id", "organizations_apikey"),
    ]
