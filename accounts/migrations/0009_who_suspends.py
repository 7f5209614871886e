from django.db import migrations

from accounts.groups import grant


class Migration(migrations.Migration):
    """A permission to suspend members; moderators have it."""

    dependencies = [
        ("accounts", "0008_suspension"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [("suspend_user", "Can suspend user")],
                "verbose_name": "member",
                "verbose_name_plural": "members",
            },
        ),
        migrations.RunPython(grant("Moderators", "accounts.suspend_user"), migrations.RunPython.noop),
    ]
