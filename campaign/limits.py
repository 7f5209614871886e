"""Rate limits: so many acts per key and time, counted in the shared cache."""

import time
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache


def seconds_to_wait(action, key, rates, *, stricter=(), holds=None):
    """Count one act of `key` and return 0, or the seconds until the next one is allowed.

    rates: [(number, seconds)], each a fixed window; a refused act counts as well, so hammering does not help.
    stricter: rates for some; whether `key` is one of them is asked of holds() where one of these is exceeded, not before.
    """
    now = time.time()
    windows = {seconds: f"limit:{action}:{key}:{seconds}:{now // seconds:.0f}" for _n, seconds in [*rates, *stricter]}
    if not windows:
        return 0
    counts = cache.count({name: seconds + 1 for seconds, name in windows.items()})

    def exceeded(some):
        return [seconds for number, seconds in some if counts[windows[seconds]] > number]

    over = exceeded(rates)
    if (more := exceeded(stricter)) and holds():
        over += more
    return max((int((now // seconds + 1) * seconds - now) + 1 for seconds in over), default=0)


def visitor(request):
    """The key of a visitor without an account: the address, of IPv6 its /64."""
    address = ip_address(get_adapter().get_client_ip(request))
    return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)
