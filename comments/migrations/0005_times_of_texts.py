import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """When an earlier text was replaced; what was withdrawn, by the time at which it is purged."""

    dependencies = [
        ("comments", "0004_quote"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="commentversion",
            name="replaced_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("state", "withdrawn")), fields=["state_changed_at"], name="comment_withdrawn"
            ),
        ),
    ]
