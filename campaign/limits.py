"""Rate limits: so many acts per key and time, counted in the shared cache."""

import time
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache


def seconds_to_wait(action, key, rates):
    """Count one act of `key` and return 0, or the seconds until the next one is allowed.

    rates: [(number, seconds)], each a fixed window; a refused act counts as well, so hammering does not help.
    """
    now = time.time()
    wait = 0
    for number, seconds in rates:
        window = int(now // seconds)
        name = f"limit:{action}:{key}:{seconds}:{window}"
        cache.add(name, 0, seconds + 1)
        try:
            count = cache.incr(name)
        except ValueError:  # evicted between the two
            cache.set(name, 1, seconds + 1)
            count = 1
        if count > number:
            wait = max(wait, int((window + 1) * seconds - now) + 1)
    return wait


def visitor(request):
    """The key of a visitor without an account: the address, of IPv6 its /64."""
    address = ip_address(get_adapter().get_client_ip(request))
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)
