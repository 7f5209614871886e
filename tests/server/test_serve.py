import os
import signal
import socket
import subprocess
import threading
import time
from unittest import TestCase

from tests.notifications import smtp

from .site import CSRF, Site, free_port


class ServeTests(TestCase):
    """One site for all of them; each leaves it running."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = Site()
        cls.addClassCleanup(cls.site.remove)
        cls.made = cls.site.make()
        cls.site.start()

    def tearDown(self):
        self.assertEqual(self.site.trouble(), [])

    def test_says_where_it_is(self):
        self.assertIn(f"Rostrum serves on http://127.0.0.1:{self.site.port}/", self.site.said())
        self.assertEqual(self.site.get("/").status, 200)
        self.assertEqual(self.site.get("/readyz").text, "ok")
        self.assertEqual(len(self.site.workers()), 2)

    def test_that_nothing_is_new_is_said_in_few_bytes(self):
        path = f"/discussions/{self.made['discussion']}/live.json"
        with socket.create_connection(("127.0.0.1", self.site.port), timeout=10) as wire:
            wire.sendall(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.site.port}\r\nConnection: close\r\n"
                f"If-None-Match: {self.site.get(path).headers['ETag']}\r\n\r\n".encode()
            )
            answer = b"".join(iter(lambda: wire.recv(4096), b""))
        self.assertIn(b" 304 ", answer.splitlines()[0])
        self.assertLess(len(answer), 300)

    def test_a_taken_port_is_named(self):
        second = self.site.manage("serve", check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"Port {self.site.port} is taken", second.stderr)
        self.assertNotIn("Traceback", second.stderr)

    def test_what_does_due_things_comes_back(self):
        [pid] = [pid for pid, command in self.site.children().items() if "run_due" in command]
        os.kill(pid, signal.SIGKILL)
        until, found = time.monotonic() + 10, []
        while not found and time.monotonic() < until:
            found = [child for child, command in self.site.children().items() if "run_due" in command and child != pid]
            time.sleep(0.1)
        self.assertTrue(found)

    def test_a_form_sent_twice_at_once_is_one_comment(self):
        barrier, answers = threading.Barrier(8), []

        def send():
            barrier.wait()
            answers.append(
                self.site.post_comment(self.made["discussion"], self.made["sessions"][0], "Sent twice.", token)
            )

        for token in (f"11111111-1111-4111-8111-11111111111{n}" for n in range(3)):
            threads = [threading.Thread(target=send) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual({answer.status for answer in answers}, {302})
            self.assertEqual(len({answer.headers["Location"] for answer in answers}), 1)
            rows = f"from comments.models import Comment; print(Comment.objects.filter(form_token='{token}').count())"
            self.assertEqual(self.site.ask(rows), 1)
            answers.clear()
            # The same words again, by another form, are refused within ten minutes: change nothing here.
            self.site.manage(
                "shell", "-v", "0", "-c", "from comments.models import Comment; Comment.objects.update(body='x')"
            )

    def test_what_no_browser_sends_is_refused(self):
        host = f"Host: 127.0.0.1:{self.site.port}\r\n"
        for name, lines in {
            "foreign host": "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "no host": "GET / HTTP/1.1\r\n\r\n",
            "bad encoding": f"GET /%ff%fe/?q=%ff HTTP/1.1\r\n{host}\r\n",
            "nul": f"GET /%00 HTTP/1.1\r\n{host}\r\n",
            "long path": f"GET /{'a' * 20_000} HTTP/1.1\r\n{host}\r\n",
            "long header": f"GET / HTTP/1.1\r\n{host}X-Long: {'a' * 200_000}\r\n\r\n",
            "many headers": f"GET / HTTP/1.1\r\n{host}{''.join(f'X-{n}: 1{chr(13)}{chr(10)}' for n in range(500))}\r\n",
            "huge body": f"POST /accounts/login/ HTTP/1.1\r\n{host}Content-Length: 1000000000\r\n\r\n",
            "huge upload": f"POST /accounts/login/ HTTP/1.1\r\n{host}Content-Length: 1000000000\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n",
            "negative length": f"POST /accounts/login/ HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n",
            "broken multipart": f"POST /accounts/login/ HTTP/1.1\r\n{host}Cookie: csrf={CSRF}\r\nContent-Length: 3\r\n"
            "Content-Type: multipart/form-data\r\n\r\nabc",
            "no HTTP": "\x16\x03\x01\x02\x00\r\n\r\n",
        }.items():
            with self.subTest(name):
                status = self.raw(lines)
                self.assertTrue(status is None or 400 <= status < 500, status)
        fields = {f"f{n}": "1" for n in range(10_000)}
        self.assertEqual(self.site.post("/accounts/login/", fields).status, 400)

    def raw(self, text):
        """The status of the answer to these bytes; None if the connection is just closed."""
        with socket.create_connection(("127.0.0.1", self.site.port), 10) as connection:
            try:
                connection.sendall(text.encode("latin-1"))
                line = connection.makefile("rb").readline()
            except ConnectionError:
                return None
        return int(line.split()[1]) if line else None

    def test_a_slow_client_stops_nobody(self):
        slow = []
        try:
            for _client in range(50):
                connection = socket.create_connection(("127.0.0.1", self.site.port), 10)
                connection.sendall(
                    f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1:{self.site.port}\r\nContent-Length: 100\r\n\r\na".encode()
                )
                slow.append(connection)
            started = time.monotonic()
            self.assertEqual(self.site.get("/", timeout=10).status, 200)
            self.assertLess(time.monotonic() - started, 5)
        finally:
            for connection in slow:
                connection.close()

    def test_new_code_is_taken_without_a_failed_answer(self):
        stop, statuses = threading.Event(), []

        def read():
            while not stop.wait(0.05):
                statuses.append(self.site.get("/healthz").status)

        before = set(self.site.workers())
        reader = threading.Thread(target=read)
        reader.start()
        self.site.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 20
        while before & set(self.site.workers()) and time.monotonic() < until:
            time.sleep(0.2)
        time.sleep(0.5)
        stop.set()
        reader.join()
        self.assertFalse(before & set(self.site.workers()))
        self.assertEqual(set(statuses), {200})


class EndTests(TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)
        self.site.make(members=1)

    def test_ends_when_asked_and_leaves_nothing(self):
        self.site.start()
        children = self.site.children()
        self.assertGreaterEqual(len(children), 4)
        self.assertEqual(self.site.stop(), 0)
        self.check_gone(children)

    def test_leaves_nothing_when_killed(self):
        self.site.start()
        children = self.site.children()
        self.site.process.kill()
        self.site.process.wait()
        self.check_gone(children)

    def check_gone(self, children):
        until = time.monotonic() + 30  # a worker may take 10 to end what it is doing
        while any(alive(pid) for pid in children) and time.monotonic() < until:
            time.sleep(0.1)
        self.assertEqual({pid: command for pid, command in children.items() if alive(pid)}, {})

    def test_a_server_that_cannot_start_is_told(self):
        self.site.environment["PYTHONPATH"] = str(self.site.folder)
        (self.site.folder / "sitecustomize.py").write_text(
            "import sys\nif 'granian' in ' '.join(sys.orig_argv): raise SystemExit('no granian here')\n"
        )
        done = self.site.manage("serve", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("The server did not start", done.stderr)


def alive(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


MAILS = """
import json
from notifications.models import OutgoingMail
print(json.dumps(list(OutgoingMail.objects.values_list("state", "attempts"))))
"""
DUE_NOW = "from notifications.models import *; OutgoingMail.objects.update(due_at=timezone.now())"


class DependenciesAwayTests(TestCase):
    """Neither mail nor Redis is there when the site starts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_port = free_port()
        cls.site = Site(EMAIL_URL=f"smtp://127.0.0.1:{cls.mail_port}", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
        cls.addClassCleanup(cls.site.remove)
        cls.made = cls.site.make()
        cls.site.start()

    def tearDown(self):
        self.assertEqual(self.site.trouble(), [])

    def test_mail_waits_until_its_server_is_back_and_is_sent_once(self):
        started = time.monotonic()
        form = {"email": "new@example.org", "display_name": "Nia Quell", "password1": "correct horse battery"}
        answer = self.site.post("/accounts/signup/", form)
        self.assertEqual((answer.status, answer.headers["Location"]), (302, "/accounts/confirm-email/"))
        self.assertLess(time.monotonic() - started, 5)
        until = time.monotonic() + 10
        while "mail server is away" not in self.site.said() and time.monotonic() < until:
            time.sleep(0.2)
        self.assertEqual(self.site.ask(MAILS), [["waiting", 0]])
        with smtp.running(port=self.mail_port) as server:
            self.site.manage("shell", "-v", "0", "-c", DUE_NOW)
            until = time.monotonic() + 10
            while not server.received and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(2)
        self.assertEqual([to for to, _message in server.received], [["new@example.org"]])
        self.assertEqual(self.site.ask(MAILS), [["sent", 1]])

    def test_reading_posting_and_limits_go_on_without_redis(self):
        self.assertEqual(self.site.get("/").status, 200)
        posted = self.site.post_comment(self.made["discussion"], self.made["sessions"][1], "Without Redis.", "2" * 32)
        self.assertEqual(posted.status, 302)
        wrong = {"login": "nobody@example.org", "password": "wrong"}
        pages = [self.site.post("/accounts/login/", wrong) for _ in range(8)]
        self.assertLess(max(page.status for page in pages), 500)
        self.assertTrue(any("Too many" in page.text or page.status == 429 for page in pages))
