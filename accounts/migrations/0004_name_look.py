from django.db import migrations, models

import accounts.models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_preferences")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="name_look",
            field=accounts.models.LookField(
                db_default="", default="", editable=False, max_length=80, of="display_name"
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("name_look", ""), _negated=True), fields=["name_look"], name="user_name_look"
            ),
        ),
    ]
