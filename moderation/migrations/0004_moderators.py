from django.db import migrations

from accounts.groups import grant


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0003_decisions_append_only"),
        ("articles", "0001_initial"),
        ("comments", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(
            grant(
                "Moderators",
                "moderation.add_decision",
                "moderation.view_decision",
                "moderation.view_rule",
                "comments.view_comment",
                "comments.view_discussion",
                "comments.change_discussion",
            ),
            migrations.RunPython.noop,
        )
    ]
