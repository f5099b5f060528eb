from django.db import migrations

# The row as it was and as it would be, their ciphertexts left out, must be the same row.
REFUSE_ALL_BUT_SEALED = """
CREATE FUNCTION encaisse_refuse_change_but_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_guards")]
    operations = [
        migrations.RunSQL(
            REFUSE_ALL_BUT_SEALED, "DROP FUNCTION encaisse_refuse_change_but_sealed()"
        ),
    ]
