"""A mail server for tests: keeps what it is given, refuses whom it is told to."""

import socketserver
import threading
from contextlib import contextmanager


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 stub")
        recipients = []
        for line in iter(self.rfile.readline, b""):
            verb, _space, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO" | "RSET" | "NOOP" | "MAIL":
                    recipients = []
                    self.say("250 ok")
                case "RCPT":
                    address = rest[rest.index("<") + 1 : rest.index(">")]
                    if address in self.server.refused:
                        self.say("550 no such person")
                    else:
                        recipients.append(address)
                        self.say("250 ok")
                case "DATA":
                    self.say("354 go on")
                    data = b"".join(iter(self.rfile.readline, b".\r\n"))
                    self.server.received.append((recipients, data))
                    self.say("250 kept")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("502 what?")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def running(refused=(), port=0):
    """Yield the server: `received` is a list of (addresses, bytes), `port` where it listens."""
    with Server(("127.0.0.1", port), Session) as server:
        server.received, server.refused = [], set(refused)
        server.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
