"""Fetch a file from an address that a stranger wrote: from the public internet, within limits, or not at all.

An address may lead to the machine itself, to its neighbours or to a cloud's metadata, directly or by name, at once or after a
redirect. So each host is looked up once, every address it has must be a public one, and the connection goes to that very
address. After OWASP, Server-Side Request Forgery Prevention.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext as _

MAX_BYTES = 20 * 2**20
SECONDS = 20  # for all of it, redirects included
REDIRECTS = 4
PORTS = {"http": 80, "https": 443}
MAX_ADDRESS = 2_000  # characters
# Of IPv6 what people are given; of it and of IPv4 what carries other addresses (6to4, Teredo), or is for protocols and books.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
NOT_PEOPLES = [
    ipaddress.ip_network(block)
    for block in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


class NotFetched(Exception):
    """The file was not fetched. The text says why."""


def fetch(address):
    """Return (content, address it came from at last), the content as bytes. Raise NotFetched."""
    deadline = time.monotonic() + SECONDS
    for _hop in range(REDIRECTS + 1):
        content, address = _get(address, deadline)
        if content is not None:
            return content, address
    raise NotFetched(_("more than %d redirects") % REDIRECTS)


def _get(address, deadline):
    """Return (content, address), or (None, where it leads)."""
    scheme, host, port, target = _parts(address)
    connection = _Connection(scheme, host, port, public_address(host, port), deadline)
    try:
        with connection:
            answer = connection.ask(target)
            if answer.status in {301, 302, 303, 307, 308} and answer.headers.get("Location"):
                return None, urljoin(address, answer.headers["Location"])
            if answer.status != 200:
                raise NotFetched(_("the server answers %d") % answer.status)
            content = _body(answer)
            if time.monotonic() >= deadline:  # cut short
                raise TimeoutError
            return content, address
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() >= deadline
        raise NotFetched(_("no answer within %d seconds") % SECONDS if late else str(error) or repr(error)) from error


def _parts(address):
    """Return scheme, host, port and request target. Raise NotFetched for all that is no plain web address."""
    try:
        parts = urlsplit(address)
        port = PORTS.get(parts.scheme) if parts.port is None else parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise NotFetched(_("not an address")) from error
    if parts.scheme not in PORTS or not host or parts.username is not None or len(address) > MAX_ADDRESS:
        raise NotFetched(_("not a web address"))
    if port not in PORTS.values():
        raise NotFetched(_("a port that is not the web's"))
    target = _quoted(parts.path or "/") + (f"?{_quoted(parts.query)}" if parts.query else "")
    return parts.scheme, host, port, target


def _quoted(text):
    """Return a piece of an address with what may not stand in a request line in percent form."""
    return "".join(
        c if 0x20 < ord(c) < 0x7F else "".join(f"%{byte:02X}" for byte in c.encode(errors="replace")) for c in text
    )


def public_address(host, port):
    """Look a host up and return an address to connect to. Raise NotFetched unless all its addresses are public."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise NotFetched(_("no such host")) from error
    if not found or not all(map(is_public, found)):
        raise NotFetched(_("not on the public internet"))
    return min(found, key=lambda one: ":" in one)  # IPv4 first


def is_public(text):
    """Is this IP address one of the public internet, and no wrapping of another one?"""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # with a zone, as in fe80::1%eth0
        return False
    if any(address in block for block in NOT_PEOPLES) or (address.version == 6 and address not in GLOBAL_UNICAST):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


class _Connection:
    """An HTTP connection to an IP address, which ends by itself at the deadline, whatever it is waiting for."""

    def __init__(self, scheme, host, port, ip_address, deadline):
        self.scheme, self.host, self.port, self.ip_address, self.deadline = scheme, host, port, ip_address, deadline

    def __enter__(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket = socket.create_connection((self.ip_address, self.port), timeout=left)
        # A timeout of the socket begins anew with every byte; a server that drips would hold us for days.
        self.timer = threading.Timer(max(0, self.deadline - time.monotonic()), self._cut)
        self.timer.daemon = True
        self.timer.start()
        return self

    def __exit__(self, *_error):
        self.timer.cancel()
        self.socket.close()

    def _cut(self):
        with contextlib.suppress(OSError):
            # Of the plain socket: that of TLS would forget its keys and hand out what comes as it is.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def ask(self, target):
        """Send the request; return the answer, its body still to read."""
        if self.scheme == "https":
            self.socket = ssl.create_default_context().wrap_socket(
                self.socket, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.socket.do_handshake()  # from here on the deadline knows the socket
        usual = PORTS[self.scheme] == self.port
        host = f"[{self.host}]" if ":" in self.host else self.host
        connection = http.client.HTTPConnection(self.host, self.port)
        connection.sock = self.socket
        headers = {
            "Host": host if usual else f"{host}:{self.port}",
            "User-Agent": "Rostrum",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        connection.request("GET", target, headers=headers)
        return connection.getresponse()


def _body(answer):
    if (answer.length or 0) > MAX_BYTES:
        raise NotFetched(_("larger than %d MB") % (MAX_BYTES // 2**20))
    content = answer.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise NotFetched(_("larger than %d MB") % (MAX_BYTES // 2**20))
    if answer.length:  # what the server promised and did not send
        raise ConnectionError(_("the answer ends too early"))
    return content
