"""Querysets whose SQL is written once: on a page that is asked for often, the ORM takes longer to say a statement than the
database to answer it (docs/decisions/0005-prepared-statements.md).

    of_author = Prepared(lambda author: Comment.objects.filter(author=author), author=BigIntegerField())
    of_author(author=7)  # → [Comment]
"""

import json
import threading

from django.db import connection
from django.db.models import BigIntegerField, Expression


class Place(Expression):
    """Stands in a queryset for a value that comes with each call."""

    def __init__(self, name, output_field):
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler, connection):
        several = isinstance(self.output_field, IdsField)
        return self.output_field.rows(connection) if several else "%s", [self]

    def adapted(self, values, connection):
        return self.output_field.get_db_prep_value(values[self.name], connection)


class IdsField(BigIntegerField):
    """The field of a place for any number of ids, behind `__in`: one statement, however many there are."""

    def get_db_prep_value(self, value, connection, prepared=False):
        return list(value) if connection.vendor == "postgresql" else json.dumps(list(value))

    def rows(self, connection):
        return (
            "(SELECT unnest(%s::bigint[]))"
            if connection.vendor == "postgresql"
            else "(SELECT value FROM json_each(%s))"
        )


class Prepared:
    """A queryset with places in it: called with their values, none of them None, it is a list of what the queryset yields.

    build: takes a Place for each of `fields` (name=model field) and returns the queryset. It is asked once per thread, so
    nothing in it may differ from call to call: no clock, no reader.
    """

    def __init__(self, build, **fields):
        self.build, self.fields = build, fields
        self.mine = threading.local()  # a statement belongs to its thread's connection

    def __call__(self, **values):
        if not hasattr(self.mine, "queryset"):
            self.write()
        self.mine.values = values
        return list(self.mine.queryset._iterable_class(self.mine.queryset))

    def write(self):
        """Let the ORM write the statement. From then on its compiler has that one to hand, with the values of each call."""
        mine = self.mine
        queryset = self.build(**{name: Place(name, field) for name, field in self.fields.items()})
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])

        def as_sql(*_args, **_options):
            return sql, [p.adapted(mine.values, connection) if isinstance(p, Place) else p for p in params]

        compiler.as_sql = as_sql
        compiler.get_converters = lambda _expressions: converters
        queryset.query.get_compiler = lambda *_args, **_options: compiler
        mine.queryset = queryset
