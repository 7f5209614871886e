"""Groups of staff and their permissions, for migrations of the rooms that own the models."""


def grant(name, *permissions):
    """Make a migration operation's function: group `name` has `permissions`, each "app.codename" ("articles.add_article").

    Permissions are made here if need be: Django itself makes them only after all migrations.
    """

    def forwards(apps, schema_editor):
        group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for permission in permissions:
            app, codename = permission.split(".")
            model = codename.partition("_")[2]
            kind, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
                app_label=app, model=model
            )
            row, _made = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
            )
            group.permissions.add(row)

    return forwards
