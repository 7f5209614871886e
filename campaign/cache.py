"""The shared cache: counters that are exact, and a site whose limits hold when Redis is away."""

import logging
import time
from datetime import UTC, datetime

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import connections, router, transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class Router:
    """The cache table lives in the database "cache", everything else in "default"."""

    def db_for_read(self, model, **hints):
        return "cache" if model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (db == "cache") == (app_label == "django_cache")


class Database(DatabaseCache):
    """Django's database cache with an `incr` that loses no count: SQLite's IMMEDIATE takes the write lock first."""

    def incr(self, key, delta=1, version=None):
        with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
            return super().incr(key, delta, version)

    def count(self, counters):
        """Add one to each of `counters`, {name: seconds that a new one is kept}; return {name: number}. One statement.

        They stand beside what else is kept, but as plain numbers: read by nothing but this.
        """
        connection = connections[router.db_for_write(self.cache_model_class)]
        table, now = connection.ops.quote_name(self._table), time.time()
        names = {self.make_and_validate_key(name): name for name in counters}
        rows = []
        for key, name in names.items():
            ends = datetime.fromtimestamp(int(now + counters[name]) + 1, UTC)
            rows += [key, "1", connection.ops.adapt_datetimefield_value(ends)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (cache_key, value, expires) VALUES {', '.join(['(%s, %s, %s)'] * len(names))} "  # noqa: S608
                f"ON CONFLICT (cache_key) DO UPDATE SET value = CAST({table}.value AS integer) + 1 RETURNING cache_key, value",
                rows,
            )
            return {names[key]: int(number) for key, number in cursor.fetchall()}


class CountingRedis(RedisCache):
    def count(self, counters):
        """As Database.count; one round trip."""
        with self._cache.get_client(write=True).pipeline() as commands:
            for name, seconds in counters.items():
                key = self.make_and_validate_key(name)
                commands.set(key, 0, ex=seconds, nx=True)
                commands.incr(key)
            return dict(zip(counters, commands.execute()[1::2], strict=True))


class Redis(CountingRedis):
    """Redis, and while it does not answer the cache "database" in its place: limits get slower, never off.

    After a fault Redis is left alone for PAUSE seconds; the fault is logged once a minute.
    """

    PAUSE = 5
    _away_until = _logged_at = float("-inf")

    def _call(self, name, *args, **kwargs):
        now = time.monotonic()
        if now >= Redis._away_until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except RedisError as error:
                Redis._away_until = now + self.PAUSE
                if now - Redis._logged_at > 60:
                    Redis._logged_at = now
                    logger.warning("Redis is away, the database cache serves: %s", error)
        return getattr(caches["database"], name)(*args, **kwargs)

    def get(self, *args, **kwargs):
        return self._call("get", *args, **kwargs)

    def get_many(self, *args, **kwargs):
        return self._call("get_many", *args, **kwargs)

    def set(self, *args, **kwargs):
        return self._call("set", *args, **kwargs)

    def set_many(self, *args, **kwargs):
        return self._call("set_many", *args, **kwargs)

    def add(self, *args, **kwargs):
        return self._call("add", *args, **kwargs)

    def incr(self, *args, **kwargs):
        return self._call("incr", *args, **kwargs)

    def count(self, *args, **kwargs):
        return self._call("count", *args, **kwargs)

    def touch(self, *args, **kwargs):
        return self._call("touch", *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._call("delete", *args, **kwargs)

    def delete_many(self, *args, **kwargs):
        return self._call("delete_many", *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._call("has_key", *args, **kwargs)

    def clear(self):
        return self._call("clear")
