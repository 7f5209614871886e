from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest import mock

from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField, F
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from campaign.prepared import IdsField, Prepared
from comments.models import Comment
from tests.factories import make_article, make_comment, make_user


def statement(**fields):
    """A Prepared over comments: {name of a lookup: field}."""
    names = {name.replace("__", "_"): name for name in fields}

    def build(**places):
        lookups = {names[name]: place for name, place in places.items()}
        return Comment.objects.filter(**lookups).select_related("author").order_by("pk")

    return Prepared(build, **{name.replace("__", "_"): field for name, field in fields.items()})


class PreparedTests(TestCase):
    def setUp(self):
        self.article = make_article()
        self.discussion = self.article.discussion
        self.first, self.second = (make_comment(self.discussion, body=f"Number {n}") for n in (1, 2))

    def test_yields_what_the_queryset_yields_with_the_values_of_each_call(self):
        by_text = statement(body=CharField())
        self.assertEqual(by_text(body="Number 1"), [self.first])
        self.assertEqual(by_text(body="Number 2"), [self.second])
        self.assertEqual(by_text(body="Number 1"), [self.first])
        self.assertEqual(by_text(body="Number 3"), [])

    def test_loads_models_whole_with_what_they_lead_to(self):
        by_text = statement(body=CharField())
        with self.assertNumQueries(1):
            [found] = by_text(body="Number 1")
            self.assertEqual(found.author, self.first.author)
        expected = Comment.objects.get(pk=self.first.pk)
        for field in Comment._meta.concrete_fields:
            self.assertEqual(getattr(found, field.attname), getattr(expected, field.attname), field.name)

    def test_takes_times_and_any_number_of_ids(self):
        since = statement(posted_at__gte=DateTimeField())
        self.assertEqual(len(since(posted_at_gte=timezone.now() - timedelta(hours=1))), 2)
        self.assertEqual(since(posted_at_gte=timezone.now() + timedelta(hours=1)), [])
        among = statement(pk__in=IdsField())
        for ids in ([], [self.second.pk], [self.first.pk, self.second.pk, 10**9]):
            self.assertEqual([c.pk for c in among(pk_in=ids)], [pk for pk in ids if pk < 10**9])

    def test_hands_values_to_the_database_apart_from_the_statement(self):
        by_text = statement(body=CharField())
        self.assertEqual(by_text(body="' OR 1=1 --"), [])
        self.assertEqual(by_text(body="%s"), [])

    def test_yields_tuples_where_the_queryset_does(self):
        bodies = Prepared(
            lambda discussion: (
                Comment.objects.filter(discussion=discussion).order_by("-pk").values_list("body", F("pk"))[:1]
            ),
            discussion=BigIntegerField(),
        )
        self.assertEqual(bodies(discussion=self.discussion.pk), [("Number 2", self.second.pk)])

    def test_is_written_once(self):
        by_text = statement(body=CharField())
        with mock.patch.object(by_text, "build", wraps=by_text.build) as build:
            for _ in range(3):
                by_text(body="Number 1")
        self.assertEqual(build.call_count, 1)

    def test_misses_no_value(self):
        with self.assertRaises(KeyError):
            statement(body=CharField())()


class ThreadTests(TransactionTestCase):
    def test_threads_do_not_see_each_others_values(self):
        author = make_user("Nkemi Ashgrove")
        discussion = make_article().discussion
        comments = {make_comment(discussion, author=author, body=f"Number {n}").body for n in range(4)}
        by_text = statement(body=CharField())

        def ask(body):
            try:
                return {c.body for _ in range(50) for c in by_text(body=body)}
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            self.assertEqual(list(threads.map(ask, sorted(comments))), [{body} for body in sorted(comments)])
