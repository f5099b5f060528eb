from django.db import migrations

from encaisse.kit.schema import append_only, tenant_reference, tenant_table

TABLE = "treasury_banktransactiontwin"


class Migration(migrations.Migration):
    dependencies = [("treasury", "0003_bank_transaction_twin")]
    operations = [
        tenant_table(TABLE),
        tenant_reference(TABLE, "transaction_id", "treasury_banktransaction"),
        tenant_reference(TABLE, "account_id", "treasury_bankaccount"),
        append_only(TABLE),
    ]
