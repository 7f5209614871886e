"""Tables whose rows are only ever added: the database itself refuses to change or delete one, whoever asks."""

from django.db.migrations.operations.base import Operation


def install(schema_editor, table):
    """Make UPDATE and DELETE on `table` an error."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = '23001'; END $$",
            params=None,  # the % is PostgreSQL's, not a placeholder
        )
        schema_editor.execute(
            f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        for event in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f'CREATE TRIGGER "{table}_append_only_{event}" BEFORE {event} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
            )


def remove(schema_editor, table):
    """Let go of `table` again: for migrations that rewrite it, and for tests that empty it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_append_only" ON "{table}"')
    else:
        for event in ("UPDATE", "DELETE"):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_append_only_{event}"')


class AppendOnly(Operation):
    """Migration operation: rows of the model's table are only added from here on."""

    reversible = True

    def __init__(self, model):
        self.model = model

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            install(schema_editor, model._meta.db_table)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = from_state.apps.get_model(app_label, self.model)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            remove(schema_editor, model._meta.db_table)

    def describe(self):
        return f"Rows of {self.model} are only added"
