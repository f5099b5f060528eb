from django.db import migrations

from encaisse.kit.schema import append_only, never_deleted, tenant_reference, tenant_table

# Runs at commit, for each line, over the lines of its entry. It names its own table through
# TG_TABLE_NAME because on a distributed database that table is a shard with another name. It runs as
# the owner: at commit the tenant setting may already be gone, and rows it cannot see would balance.
REQUIRE_BALANCE = """
CREATE FUNCTION ledger_require_balance() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE unbalanced boolean;
BEGIN
  EXECUTE format(
    'SELECT EXISTS (SELECT 1 FROM %I WHERE organization_id = $1 AND entry_id = $2 GROUP BY currency
     HAVING sum(CASE side WHEN ''debit'' THEN amount_minor ELSE -amount_minor END) <> 0)', TG_TABLE_NAME)
    INTO unbalanced USING NEW.organization_id, NEW.entry_id;
  IF unbalanced THEN
    RAISE EXCEPTION 'Entry % does not balance.', NEW.entry_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_entry_balanced AFTER INSERT ON ledger_journalline
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_require_balance();
"""
UNDO_BALANCE = """
DROP TRIGGER journal_entry_balanced ON ledger_journalline;
DROP FUNCTION ledger_require_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("kit", "0002_guards")]
    operations = [
        tenant_table("ledger_journalentry"),
        tenant_table("ledger_journalline"),
        tenant_table("ledger_entrycounter"),
        tenant_table("ledger_accounttotal"),
        tenant_reference("ledger_journalline", "entry_id", "ledger_journalentry"),
        append_only("ledger_journalentry"),
        append_only("ledger_journalline"),
        never_deleted("ledger_entrycounter"),
        never_deleted("ledger_accounttotal"),
        migrations.RunSQL(REQUIRE_BALANCE, UNDO_BALANCE),
    ]
