"""Plain functions that save one valid object each; pass only what the test is about."""

from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Author, Byline, Picture, Topic
from articles.publishing import save_article
from campaign import markup
from comments import posting, states
from comments.models import Comment, Discussion, State
from moderation.models import Rule

numbers = count(1)
PASSWORD = "correct horse battery"


def make_user(display_name="Nkemi Ashgrove", *, email=None, groups=(), verified=True, **fields):
    """A member who can sign in with PASSWORD; with groups=["Editors"], staff."""
    user = User.objects.create_user(
        email or f"member-{next(numbers)}@example.org",
        PASSWORD,
        display_name=display_name,
        is_staff=fields.pop("is_staff", bool(groups)),
        **fields,
    )
    user.groups.set(Group.objects.filter(name__in=groups))
    if verified:
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def make_editor(**fields):
    return make_user("Edda Torv", groups=["Editors"], **fields)


def make_moderator(**fields):
    return make_user("Moss Tarrow", groups=["Moderators"], **fields)


def make_admin(**fields):
    return make_user("Ada Quorn", is_staff=True, is_superuser=True, **fields)


def make_discussion(**fields):
    """An open discussion without a page of its own."""
    number = next(numbers)
    fields = {"title": f"Discussion {number}", "url": f"/nowhere/{number}/", "opens_at": timezone.now()} | fields
    return Discussion.objects.create(**fields)


def make_article(*, body="<p>Text of the article.</p>", authors=(), topics=(), **fields):
    """A published article with an open discussion."""
    number = next(numbers)
    fields = {
        "title": f"Article {number}",
        "slug": f"article-{number}",
        "state": Article.State.PUBLISHED,
        "publish_at": timezone.now(),
    } | fields
    article = Article(**fields)
    article.set_body(body)
    save_article(article)
    for position, author in enumerate(authors):
        Byline.objects.create(article=article, author=author, position=position)
    article.topics.set(topics)
    return article


def make_author(name="Mirel Adeyo", **fields):
    return Author.objects.create(name=name, slug=fields.pop("slug", f"author-{next(numbers)}"), **fields)


def make_topic(**fields):
    number = next(numbers)
    return Topic.objects.create(**({"name": f"Topic {number}", "slug": f"topic-{number}"} | fields))


def make_picture(**fields):
    """A row of the library; its file does not exist."""
    fields = {
        "file": f"pictures/{next(numbers)}.webp",
        "width": 1600,
        "height": 1000,
        "alt": "A river at dawn",
    } | fields
    return Picture(credit="Photograph: Sabine Thorle", **fields).save_base(raw=True) or Picture.objects.latest("pk")


def make_comment(discussion=None, *, author=None, body="A comment about the pipes.", parent=None, **fields):
    """A comment in its place, counted; with state="hidden" and so on, as if it had been published and then hidden."""
    discussion = discussion or (parent.discussion if parent else make_discussion())
    state = fields.pop("state", State.PUBLISHED)
    hidden_under = fields.pop("hidden_under", "Off topic" if state == State.HIDDEN else "")
    comment = Comment(
        discussion=discussion,
        author=author or make_user(),
        body=body,
        html=markup.render_comment(body),
        markup_version=markup.VERSION,
        **posting.place(parent),
        **fields,
    )
    posting.insert(comment)
    if state != State.PUBLISHED:
        states.move(comment, to=state, expected=State.PUBLISHED, hidden_under=hidden_under)
    return Comment.objects.select_related("discussion", "author").get(pk=comment.pk)


def make_rule(**fields):
    number = next(numbers)
    return Rule.objects.create(**({"code": f"rule-{number}", "title": f"Rule {number}", "text": "Text."} | fields))
