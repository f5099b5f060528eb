from django.db import migrations

from encaisse.kit.schema import append_only, tenant_reference, tenant_table

REFUSE_CHANGE = """
CREATE FUNCTION encaisse_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""
# The shape Django's database cache expects; shared by all processes for rate limits.
CACHE_TABLE = """
CREATE TABLE kit_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX kit_cache_expires ON kit_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION encaisse_refuse_change()"),
        migrations.RunSQL(CACHE_TABLE, "DROP TABLE kit_cache"),
        tenant_table("kit_subjectkey"),
        tenant_table("kit_storedfile"),
        tenant_table("kit_filecontent"),
        tenant_table("kit_idempotentanswer"),
        tenant_reference("kit_filecontent", "file_id", "kit_storedfile"),
        append_only("kit_storedfile"),
    ]
