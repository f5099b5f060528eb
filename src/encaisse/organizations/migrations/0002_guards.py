from django.db import migrations

from encaisse.kit.schema import tenant_table

# A person must find their firms before any firm is chosen: their own memberships, and no others.
OWN_MEMBERSHIPS = "user_id = nullif(current_setting('encaisse.user_id', true), '')::uuid"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial"), ("kit", "0002_guards")]
    operations = [
        tenant_table("organizations_profile"),
        tenant_table("organizations_membership", extra_policy=OWN_MEMBERSHIPS),
        tenant_table("organizations_apikey"),
    ]
