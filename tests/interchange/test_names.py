"""Names of other systems, as they may look here."""

import pytest

from articles.models import Topic
from interchange.names import cut, free_slug, guest_name, printable
from tests import factories


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("  Eve \n  Roe ", "Eve Roe"),
        ("Ｅｖｅ", "Eve"),
        ("E\u202ev\u200be\x07", "Eve"),
        ("E\u0301\u0301\u0301\u0301\u0301ve", "É\u0301\u0301ve"),
        ("👍🏽", ""),
        ("Eve 👍", "Eve 👍"),
        ("Ελένη", "Ελένη"),
        ("---", ""),
        ("", ""),
        ("E" * 61, "E" * 59 + "…"),
    ],
)
def test_names_are_printed_as_they_can_be_seen(name, expected):
    assert printable(name, 60) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Eve", "Eve"),
        ("admin", "admin (old.example)"),
        ("Ad\u00admin!", "Admin! (old.example)"),
        ("M O D E R A T O R", "M O D E R A T O R (old.example)"),
        ("Rostrum", "Rostrum (old.example)"),
    ],
)
def test_a_guest_does_not_pass_for_the_staff(name, expected):
    assert guest_name(name, "old.example") == expected


def test_a_long_site_leaves_room_for_the_name():
    name = guest_name("admin", "a" * 200)
    assert name.startswith("admin (aaa")
    assert len(name) == 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One two three.", "One two three."),
        ("One two three four", "One two three…"),
        ("One twos, three four", "One twos…"),
        ("Onetwothreefourfivesix", "Onetwothreefo…"),
        ("A Taumatawhakatangi", "A Taumatawhak…"),
    ],
)
def test_what_is_too_long_ends_at_a_word_if_one_is_near(text, expected):
    assert cut(text, 14) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "slug"),
    [
        ("news", "news-3"),
        ("News & views", "news-views"),
        ("été", "ete"),
        ("ελληνικά-2", "topic-7"),
        ("2024", "2024"),
        ("", "topic-7"),
        ("a" * 100, "a" * 74),
    ],
)
def test_a_free_slug(wanted, slug):
    factories.make_topic(slug="news")
    factories.make_topic(slug="news-2")
    assert free_slug(wanted, "topic-7", 80, Topic) == slug
