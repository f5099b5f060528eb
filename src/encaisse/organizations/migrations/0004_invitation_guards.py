from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_table

# Until now only the audit chain knew who made a key.
MAKERS = """
UPDATE organizations_apikey AS key SET made_by_id = maker.id
FROM audit_auditentry AS entry
JOIN identity_user AS maker ON entry.actor = 'member:' || maker.id
WHERE entry.organization_id = key.organization_id
  AND entry.action = 'api_key:created' AND entry.target = 'api_key:' || key.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0003_apikey_made_by_invitation"),
        ("audit", "0002_guards"),
        ("identity", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(MAKERS, migrations.RunSQL.noop),
        tenant_table("organizations_invitation"),
        never_deleted("organizations_invitation"),
    ]
