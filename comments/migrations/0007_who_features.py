from django.db import migrations

from accounts.groups import grant


class Migration(migrations.Migration):
    """A permission to feature comments; editors and moderators have it."""

    dependencies = [
        ("comments", "0006_featured_index"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.AlterModelOptions(
            name="comment",
            options={"permissions": [("feature_comment", "Can feature comment")]},
        ),
        *(
            migrations.RunPython(grant(group, "comments.feature_comment"), migrations.RunPython.noop)
            for group in ("Editors", "Moderators")
        ),
    ]
