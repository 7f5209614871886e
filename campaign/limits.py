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
    windows = {f"limit:{action}:{key}:{seconds}:{now // seconds:.0f}": (number, seconds) for number, seconds in rates}
    if not windows:
        return 0
    counts = cache.count({name: seconds + 1 for name, (_number, seconds) in windows.items()})
    over = [seconds for name, (number, seconds) in windows.items() if counts[name] > number]
    return max((int((now // seconds + 1) * seconds - now) + 1 for seconds in over), default=0)


def visitor(request):
    """The key of a visitor without an account: the address, of IPv6 its /64."""
    address = ip_address(get_adapter().get_client_ip(request))
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)
