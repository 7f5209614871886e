import secrets

from django.db import migrations

from accounts.look_alikes import look


def tell_apart(apps, schema_editor):
    """Note what names look like, and give a new handle to whoever has one that looks like an older member's."""
    taken = set()
    for user in apps.get_model("accounts", "User").objects.order_by("pk").iterator():
        user.name_look = look(user.display_name)[:80]
        while look(user.handle) in taken:
            user.handle = f"{user.handle[:25]}-{secrets.token_hex(2)}"
        taken.add(look(user.handle))
        user.save(update_fields=["name_look", "handle"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_name_look")]

    operations = [migrations.RunPython(tell_apart, migrations.RunPython.noop)]
