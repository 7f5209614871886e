"""Fetching what a stranger names: from the public internet alone, within limits. Nothing here leaves this machine."""

import contextlib
import socket
import ssl
import threading
import time

import pytest

from interchange import fetching
from interchange.fetching import NotFetched, fetch, is_public

REAL_LOOKUP, REAL_CONNECT = socket.getaddrinfo, socket.create_connection
PUBLIC = "93.184.216.34"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """No connection but those that a test allows."""

    def refuse(address, *_arguments, **_options):
        raise AssertionError(f"connects to {address}")

    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def names(monkeypatch):
    """{host: [address]} that the resolver knows; numbers are understood as the system does."""
    known = {}

    def lookup(host, port, *arguments, **options):
        if host in known:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]
        options["flags"] = socket.AI_NUMERICHOST  # asks no server
        return REAL_LOOKUP(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return known


class Server:
    """Answers each connection with what `answer` sends; stands for every public address. `asked`: [(address, request)]."""

    def __init__(self, monkeypatch):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.asked, self.answers, self.connections = [], {}, []
        monkeypatch.setattr(socket, "create_connection", self.connect)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def connect(self, address, timeout):
        self.connections.append(address)
        return REAL_CONNECT(self.listener.getsockname(), timeout)

    def serve(self):
        while True:
            try:
                connection, _peer = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.handle, args=[connection], daemon=True).start()

    def handle(self, connection):
        with connection, contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request and (piece := connection.recv(65536)):
                request += piece
            self.asked.append(request.decode(errors="replace"))
            path = request.split()[1].decode(errors="replace") if request.split()[1:] else ""
            for piece in self.answers.get(path, [b"HTTP/1.1 404 Not Found\r\n\r\n"]):
                connection.sendall(piece)


@pytest.fixture
def server(monkeypatch):
    found = Server(monkeypatch)
    yield found
    found.listener.close()


def ok(body, *headers):
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return ["\r\n".join(lines).encode() + b"\r\n\r\n" + body]


def to(address):
    return [f"HTTP/1.1 302 Found\r\nLocation: {address}\r\n\r\n".encode()]


NOT_PUBLIC = """
127.0.0.1 127.9.9.9 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8
192.88.99.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255
:: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8
::127.0.0.1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1
2002:7f00:1:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 100::1 fec0::1 3fff::1 5f00::1 localhost
""".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_the_public_internet(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_addresses_that_are(address):
    assert is_public(address)


INSIDE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:10.0.0.1]/",
    "http://[fe80::1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://192.168.0.1/",
    "http://10.1/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "https://127.0.0.1/",
    "http://localtest.example/",
    "http://half.example/",
    "http://LOCALTEST.example./",
]


@pytest.mark.parametrize("address", INSIDE)
def test_refuses_what_leads_inside(address, names):
    names.update(
        {"localtest.example": ["127.0.0.1"], "localtest.example.": ["127.0.0.1"], "half.example": [PUBLIC, "10.0.0.1"]}
    )
    with pytest.raises(NotFetched, match="not on the public internet|no such host"):
        fetch(address)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://old.example/a.jpg",
        "gopher://old.example/",
        "data:image/gif;base64,R0",
        "//old.example/a.jpg",
        "/a.jpg",
        "",
        "http://",
        "http:///a.jpg",
        "http://user@old.example/",
        "http://old.example@127.0.0.1/",
        "http://user:key@old.example/",
        "http://old.example:22/",
        "http://old.example:6379/",
        "http://old.example:0/",
        "http://old.example:x/",
        "http://old.example:99999/",
        "http://[::1/",
        "http://old..example/",
        "http://" + "a" * 64 + ".example/",
        "http://old.example/" + "a" * 2_000,
    ],
)
def test_refuses_what_is_no_plain_web_address(address, names):
    names["old.example"] = [PUBLIC]
    with pytest.raises(NotFetched):
        fetch(address)


def test_fetches_from_the_address_that_was_checked(names, server):
    names["old.example"] = [PUBLIC]
    server.answers["/a%20b.jpg?w=%C3%A9"] = ok(b"picture")
    assert fetch("http://old.example/a%20b.jpg?w=é#part") == (b"picture", "http://old.example/a%20b.jpg?w=é#part")
    assert server.connections == [(PUBLIC, 80)]
    assert "Host: old.example\r\n" in server.asked[0]
    for header in ("Cookie", "Referer", "Authorization"):
        assert header not in server.asked[0]


def test_no_new_line_gets_into_the_request(names, server):
    names["old.example"] = [PUBLIC]
    with pytest.raises(NotFetched):
        fetch("http://old.example/a\r\nX-Injected: 1\r\n\r\n b")
    assert "\nX-Injected" not in "".join(server.asked)


def test_a_name_is_looked_up_once(names, server, monkeypatch):
    """A second answer of the resolver, with another address, is never asked for."""
    asked = []

    def lookup(host, port, *_arguments, **_options):
        if host == "127.0.0.1":
            return REAL_LOOKUP(host, port, *_arguments, **_options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC if len(asked) == 1 else "127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    server.answers["/"] = ok(b"x")
    fetch("http://rebind.example/")
    assert asked == ["rebind.example"]
    assert server.connections == [(PUBLIC, 80)]


def test_follows_redirects_and_checks_each(names, server):
    names.update({"old.example": [PUBLIC], "cdn.example": ["8.8.8.8"], "in.example": ["10.0.0.1"]})
    server.answers |= {
        "/1": to("/2"),
        "/2": to("//cdn.example/3"),
        "/3": ok(b"x"),
        "/in": to("http://in.example/"),
        "/number": to("http://2130706433/"),
        "/file": to("file:///etc/passwd"),
        "/port": to("http://cdn.example:22/"),
        "/round": to("/round"),
        "/nowhere": [b"HTTP/1.1 302 Found\r\n\r\n"],
    }
    assert fetch("http://old.example/1") == (b"x", "http://cdn.example/3")
    assert server.connections == [(PUBLIC, 80), (PUBLIC, 80), ("8.8.8.8", 80)]
    for path in ("in", "number", "file", "port", "nowhere"):
        with pytest.raises(NotFetched):
            fetch(f"http://old.example/{path}")
    with pytest.raises(NotFetched, match="more than 4 redirects"):
        fetch("http://old.example/round")


def test_stops_at_the_greatest_size(names, server, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_BYTES", 1_000)
    names["old.example"] = [PUBLIC]
    server.answers |= {
        "/fits": ok(b"x" * 1_000),
        "/said": [b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"],
        "/unsaid": [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 100] * 50],
        "/chunks": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"64\r\n" + b"x" * 100 + b"\r\n"] * 50],
        "/short": [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nx"],
        "/odd": [b"SSH-2.0-OpenSSH\r\n"],
        "/gone": [b"HTTP/1.1 410 Gone\r\n\r\n"],
    }
    assert len(fetch("http://old.example/fits")[0]) == 1_000
    for path in ("said", "unsaid", "chunks"):
        with pytest.raises(NotFetched, match="larger than"):
            fetch(f"http://old.example/{path}")
    for path, why in {"short": "too early", "odd": "SSH", "gone": "answers 410"}.items():
        with pytest.raises(NotFetched, match=why):
            fetch(f"http://old.example/{path}")


def dripping(head):
    yield head
    while True:
        time.sleep(0.05)
        yield b"x"


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"],
)
def test_a_server_that_drips_is_left_at_the_deadline(head, names, server, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.4)
    names["old.example"] = [PUBLIC]
    server.answers["/"] = dripping(head)
    start = time.monotonic()
    with pytest.raises(NotFetched, match="no answer within"):
        fetch("http://old.example/")
    assert time.monotonic() - start < 5


def test_a_server_that_is_silent_in_the_middle_of_tls_is_left_too(names, server, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.4)
    names["old.example"] = [PUBLIC]
    start = time.monotonic()
    with pytest.raises(NotFetched):
        fetch("https://old.example/")
    assert time.monotonic() - start < 5
    assert server.connections == [(PUBLIC, 443)]


def test_certificates_are_checked_against_the_name(names, server, monkeypatch):
    names["old.example"] = [PUBLIC]
    made = []
    create = ssl.create_default_context

    class Context:
        def __init__(self):
            self.context = create()

        def wrap_socket(self, plain, **options):
            made.append((self.context.check_hostname, self.context.verify_mode, options["server_hostname"]))
            return self.context.wrap_socket(plain, **options)

    monkeypatch.setattr(ssl, "create_default_context", Context)
    monkeypatch.setattr(fetching, "SECONDS", 0.4)
    with pytest.raises(NotFetched):
        fetch("https://old.example/")
    assert made == [(True, ssl.CERT_REQUIRED, "old.example")]
