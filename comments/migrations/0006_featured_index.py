from django.db import migrations, models


class Migration(migrations.Migration):
    """The featured comments of a discussion, the last featured first."""

    dependencies = [("comments", "0005_times_of_texts")]
    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("featured_at__isnull", False), ("state", "published")),
                fields=["discussion", "-featured_at", "-id"],
                name="comment_featured_here",
            ),
        ),
    ]
