from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_mute")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="place",
            field=models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="place"),
        ),
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(blank=True, db_default="", default="", max_length=5),
        ),
        migrations.AddField(
            model_name="user",
            name="shows_follows",
            field=models.BooleanField(db_default=False, default=False, verbose_name="show which discussions I follow"),
        ),
    ]
