"""Recount every kept number, check places and states: does the database say one thing?"""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, connection
from django.utils.module_loading import import_module


class Command(BaseCommand):
    help = "Recount what is kept, check places and states. Print a line for each difference and exit 1; --repair mends counters."

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true", help="set the counters to what the rows say")

    def handle(self, *, repair, **options):
        rooms = [import_module(path) for path in settings.CAMPAIGN_INTEGRITY]
        if repair:
            mended = sum(room.repair() for room in rooms if hasattr(room, "repair"))
            self.stdout.write(f"{mended} counters set right.")
        found = 0
        for differences in (of_the_database(), *(room.differences() for room in rooms)):
            for line in differences:
                found += 1
                self.stdout.write(line)
        if found:
            raise CommandError(f"{found} differences.")
        self.stdout.write("Nothing differs.")


def of_the_database():
    """What the database itself finds wrong with its file and its references."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            yield from (f"database: {line}" for (line,) in cursor.fetchall() if line != "ok")
    try:
        connection.check_constraints()
    except IntegrityError as error:
        yield f"database: {error}"
