from django.db import migrations, models

from encaisse.kit.schema import seal_existing


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0005_profile_is_vat_franchise_and_more"),
        ("kit", "0003_sealed_guards"),
    ]
    operations = [
        migrations.AddField("profile", "phone_sealed", models.BinaryField(null=True)),
        seal_existing("organizations", "profile", "phone"),
        migrations.RemoveField("profile", "phone"),
    ]
