"""An OpenID Connect provider on loopback, for tests: says of everybody what the test wants."""

import base64
import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.test import override_settings


class Provider:
    """who: what the provider says of whoever comes, as its userinfo; broken: it answers every request with 500."""

    def __init__(self):
        self.who = {"sub": "7", "name": "Rook Sandiway", "email": "rook@example.org", "email_verified": True}
        self.broken, self.challenge = False, ""

    def answer(self, request):
        """The status and the body of an answer, or the address it leads to."""
        path, query = urlsplit(request.path).path, dict(parse_qsl(urlsplit(request.path).query))
        if self.broken:
            return 500, {}
        if path == "/realm/.well-known/openid-configuration":
            pages = {"authorization": "authorize", "token": "token", "userinfo": "who"}
            return 200, {"issuer": self.url} | {
                f"{name}_endpoint": f"{self.url}/{page}" for name, page in pages.items()
            }
        if path == "/realm/authorize":
            self.challenge = query["code_challenge"]
            return 302, f"{query['redirect_uri']}?{urlencode({'code': 'c', 'state': query['state']})}"
        if path == "/realm/token":
            sent = parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode())
            digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
            known = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
            return (200, {"access_token": "t", "token_type": "Bearer"}) if known else (400, {})
        return 200, self.who


@contextmanager
def provider():
    """Run a Provider and make it the one that tests/settings.py calls Guild."""
    it = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = it.answer(self)
            self.send_response(status)
            if isinstance(body, str):
                self.send_header("Location", body)
                body = ""
            else:
                body = json.dumps(body)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    it.url = f"http://127.0.0.1:{server.server_port}/realm"
    guild = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    apps = [guild["APPS"][0] | {"settings": {"server_url": it.url}}]
    try:
        with override_settings(
            SOCIALACCOUNT_PROVIDERS=settings.SOCIALACCOUNT_PROVIDERS | {"openid_connect": guild | {"APPS": apps}}
        ):
            yield it
    finally:
        server.shutdown()
        server.server_close()
