from django.db import migrations, models

from encaisse.kit.schema import guard_but_sealed, seal_existing, without_guard


class Migration(migrations.Migration):
    dependencies = [("treasury", "0004_twin_guards"), ("kit", "0003_sealed_guards")]
    operations = [
        migrations.AddField("bankaccount", "label_sealed", models.BinaryField(null=True)),
        seal_existing("treasury", "bankaccount", "label"),
        migrations.RemoveField("bankaccount", "label"),
        migrations.AddField("bankaccount", "bank_name_sealed", models.BinaryField(null=True)),
        seal_existing("treasury", "bankaccount", "bank_name"),
        migrations.RemoveField("bankaccount", "bank_name"),
        without_guard("treasury_banktransaction"),
        guard_but_sealed("treasury_banktransaction", "details_sealed"),
    ]
