"""Results kept in the memory of the process, under a key that changes when they do. Never told to forget: keys age out."""

from collections import OrderedDict
from threading import Lock

from django.utils import timezone
from django.utils.translation import get_language

stores = []


def reader():
    """What the words of a kept page depend on beside what they tell: the language and the time zone of whoever reads it."""
    return get_language(), timezone.get_current_timezone_name()


class Kept:
    """At most `max_bytes` of values, the least recently used given up first. Safe for threads."""

    def __init__(self, max_bytes):
        self.max_bytes, self.bytes = max_bytes, 0
        self._values, self._lock = OrderedDict(), Lock()
        stores.append(self)

    def get(self, key):
        """The value kept under `key`, or None."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key, value, size):
        """Keep `value` under `key`; size: about how many bytes it takes."""
        with self._lock:
            if key in self._values:
                self.bytes -= self._values.pop(key)[1]
            self._values[key] = value, size
            self.bytes += size
            while self.bytes > self.max_bytes and len(self._values) > 1:
                _key, (_value, gone) = self._values.popitem(last=False)
                self.bytes -= gone

    def clear(self):
        with self._lock:
            self._values.clear()
            self.bytes = 0


def forget_all():
    """Empty every store of this process: for tests and measurements, whose databases begin anew under the same keys."""
    for store in stores:
        store.clear()
