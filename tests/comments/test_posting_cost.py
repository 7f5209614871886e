"""What posting asks of the databases: every statement by name, and as many in a large discussion as in a small one.

Counted is all that the test client's request makes the site ask, BEGIN and COMMIT too: of the main database, and of the
cache's own file, where the limits are counted (with REDIS_URL that one goes to Redis). Nothing runs after the answer:
whom a comment concerns is told by `manage.py run_due` (test_telling.py).
"""

import re
import uuid

from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase, override_settings
from django.test.utils import CaptureQueriesContext

from comments import following, posting, quoting
from comments.models import Comment

from ..factories import make_user
from . import trees
from .test_cost import SQLITE

MOST = 12
# In the order in which they come. Those of a post:
SESSION, MEMBER = "SELECT django_session", "SELECT accounts_user"
LOOK = "SELECT comments_comment"  # what it answers with its discussion, what its form has become, the same words
DISCUSSION = "SELECT comments_discussion"  # of what answers nothing
LIMIT = "INSERT cache"
NAMED = "SELECT accounts_user"
BEGIN, STORE = "BEGIN", "INSERT comments_comment"
HOLD = "SELECT comments_comment"  # what it stands under and what it quotes, in id order, with their states
QUOTES = "INSERT comments_quote"
ABOVE, COUNT, COMMIT = "UPDATE comments_comment", "UPDATE comments_discussion", "COMMIT"

PLAIN = [SESSION, MEMBER, LOOK, DISCUSSION, LIMIT, BEGIN, STORE, COUNT, COMMIT]
REPLY = [SESSION, MEMBER, LOOK, LIMIT, BEGIN, STORE, HOLD, ABOVE, COUNT, COMMIT]
WITH_MENTION = [SESSION, MEMBER, LOOK, LIMIT, NAMED, BEGIN, STORE, HOLD, ABOVE, COUNT, COMMIT]
WITH_QUOTE = [SESSION, MEMBER, LOOK, LIMIT, BEGIN, STORE, HOLD, QUOTES, ABOVE, COUNT, COMMIT]
WITH_BOTH = [SESSION, MEMBER, LOOK, LIMIT, NAMED, BEGIN, STORE, HOLD, QUOTES, ABOVE, COUNT, COMMIT]
PLAIN_WITH_BOTH = [*PLAIN[:5], NAMED, BEGIN, STORE, HOLD, QUOTES, COUNT, COMMIT]


def name(sql):
    """A statement in two words: what it does, and to which table; what stands in brackets is part of that."""
    outer = re.sub(r"\([^()]*\)", "", sql)
    if outer != sql:
        return name(outer)
    words = sql.replace('"', "").split()
    if words[0] in ("BEGIN", "COMMIT"):
        return words[0]
    table = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}[words[0]]
    return f"{words[0]} {words[words.index(table) + 1]}"


@override_settings(
    CACHES=dict.fromkeys(["default", "database"], caches.settings["database"]),
    CAMPAIGN_COMMENT_RATES=[(1_000, 60), (10_000, 3_600)],
    CAMPAIGN_NEW_MEMBER_RATES=[(1_000, 3_600)],
)
class PostingCostTests(TransactionTestCase):
    databases = {"default", "cache"}

    def setUp(self):
        call_command("createcachetable", database="cache", verbosity=0)
        self.member, self.named = make_user("Poster Pat"), make_user("Named Nia")
        self.client.force_login(self.member)

    def grow(self, number):
        comments = trees.grow(trees.deep(number))
        self.discussion = comments[0].discussion
        return comments

    def statements(self, body, parent=None):
        """What one post asks, in order, by name."""
        asked = []
        data = {"body": body, "parent": parent.pk if parent else "", "token": uuid.uuid4()}
        with CaptureQueriesContext(connection) as main, CaptureQueriesContext(connections["cache"]) as kept:
            response = self.client.post(f"/discussions/{self.discussion.pk}/comments/", data)
        self.assertEqual(response.status_code, 302)
        asked = [name(query["sql"]) for query in main.captured_queries]
        # The two are logged apart; the limit is counted after the looks and before what is written.
        names = [NAMED] if "@" in body else []
        at = asked.index(BEGIN) - len(names)
        return [*asked[:at], *(name(query["sql"]) for query in kept.captured_queries), *asked[at:]]

    def check(self, cases):
        """cases: {name: (body, index of the parent or None, statements)}."""
        for number in (10, 2_000):
            comments = self.grow(number)
            quote, mention = quoting.as_quote(comments[1]), f"@{self.named.handle}"
            for case, (words, parent, expected) in cases.items():
                body = words.format(quote=quote, mention=mention) + f"\n\nSaid of {number}: {case}."
                with self.subTest(case, comments=number):
                    self.assertEqual(self.statements(body, parent and comments[parent]), expected)
                    self.assertLessEqual(len(expected), MOST)

    def test_whatever_is_said_wherever(self):
        self.check(
            {
                "plain": ("No.", None, PLAIN),
                "a reply": ("No.", 5, REPLY),
                "a mention": ("{mention}", 5, WITH_MENTION),
                "a quote": ("{quote}", 5, WITH_QUOTE),
                "a quote and a mention": ("{quote}{mention}", 5, WITH_BOTH),
                "a quote and a mention that answer nothing": ("{quote}{mention}", None, PLAIN_WITH_BOTH),
            }
        )

    def test_deep_down(self):
        chain = self.grow(40)
        for number in (31, 32, 39):  # the last of these stand at the greatest depth
            quote = quoting.as_quote(chain[number])
            with self.subTest(number=number):
                self.assertEqual(self.statements(f"{quote}@{self.named.handle} {number}", chain[number]), WITH_BOTH)

    def test_with_followers(self):
        comments = self.grow(10)
        for number in range(3):
            follower = make_user(f"Follower {number}")
            following.follow(follower, self.discussion)
            following.follow(follower, self.discussion, comments[0])
        self.assertEqual(self.statements("No.", comments[5]), REPLY)

    def test_many_quotes_and_names(self):
        comments = self.grow(30)
        named = [make_user(f"Also {number}") for number in range(10)]
        body = "".join(quoting.as_quote(comment) + "So.\n\n" for comment in comments[:10])
        self.assertEqual(self.statements(body + " ".join(f"@{user.handle}" for user in named), comments[20]), WITH_BOTH)

    def test_the_look_reads_three_ranges_of_indexes(self):
        comments = self.grow(2_000)
        author = comments[0].author
        with CaptureQueriesContext(connection) as captured:
            posting.look(parent_id=comments[9].pk, author=author, body="New.", form_token=uuid.uuid4())
        [query] = captured.captured_queries
        with connection.cursor() as cursor:
            if SQLITE:
                cursor.execute("EXPLAIN QUERY PLAN " + query["sql"].replace("%", "%%"))
                plan = "\n".join(row[3] for row in cursor.fetchall())
                self.assertNotIn("SCAN", plan)
                self.assertIn("comment_of_member (author_id=? AND posted_at>?)", plan)
            else:
                cursor.execute("ANALYZE comments_comment")
                cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"))
                plan = "\n".join(row[0] for row in cursor.fetchall())
                self.assertNotIn("Seq Scan on comments_comment", plan)
        self.assertEqual(Comment.objects.filter(author=author).count(), 667)
