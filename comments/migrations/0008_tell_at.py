from django.db import migrations, models


class Migration(migrations.Migration):
    """When members are told of a comment; the time stands with it until they were."""

    dependencies = [("comments", "0007_who_features")]
    operations = [
        migrations.AddField(model_name="comment", name="tell_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("state", "published"), ("tell_at__isnull", False)),
                fields=["tell_at"],
                name="comment_to_tell",
            ),
        ),
    ]
