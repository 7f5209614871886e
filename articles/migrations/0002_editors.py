from django.db import migrations

from accounts.groups import grant

KINDS = ("article", "author", "byline", "picture", "topic")


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(
            grant(
                "Editors",
                *(f"articles.{act}_{kind}" for kind in KINDS for act in ("add", "change", "view")),
                "articles.delete_byline",
            ),
            migrations.RunPython.noop,
        )
    ]
