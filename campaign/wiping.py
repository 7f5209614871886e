"""What has been deleted leaves the files of the database too."""

from django.db import connection


def wipe():
    """On SQLite, empty the log in which deleted rows still stand; PRAGMA secure_delete (settings) overwrites them in the file.

    Where somebody reads at this moment it stays until the log is emptied the next time. PostgreSQL does it by itself, in
    its own time (VACUUM).
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
