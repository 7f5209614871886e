"""The shared cache: counters that are exact, and a site whose limits hold when Redis is away."""

import logging
import time

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import router, transaction
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


class Redis(RedisCache):
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
