"""Load the demo's content through the same verbs as everybody: publish, post, hide."""

from datetime import timedelta

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Author, Byline, Picture, Topic
from articles.publishing import save_article
from campaign import images, markup
from comments import posting, states
from comments.models import Comment, State
from moderation import decisions
from moderation.models import Rule

from . import accounts, inbox, texts


def load(progress):
    """Load everything; `progress` wraps an iterable that takes its time (tqdm)."""
    now = timezone.now()
    with transaction.atomic():
        members = make_members(now)
        topics, authors = make_topics(), make_authors(members)
    discussions = texts.discussions()
    for facts, body in progress(list(texts.articles())):
        with transaction.atomic():
            article = make_article(facts, body, make_picture(facts), now)
            article.topics.set(topics[slug] for slug in facts["topics"])
            for position, slug in enumerate(facts["authors"]):
                Byline.objects.create(article=article, author=authors[slug], position=position)
            discuss(article, discussions.get(facts["slug"], []), members)
    inbox.fill(members[accounts.SIGN_INS["member"]["handle"]], now)


def make_members(now):
    """Make the sign-ins and the other members; return all by handle."""
    members = {}
    for name in accounts.SIGN_INS:
        user = accounts.make(name, now - timedelta(days=400))
        members[user.handle] = user
    for about in texts.site()["members"]:
        user = members.get(about["handle"])
        if user is None:
            user = members[about["handle"]] = User.objects.create_user(
                f"{about['handle']}@example.org", display_name=about["name"], handle=about["handle"]
            )
            user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        user.bio, user.joined_at = about["bio"], now - timedelta(days=about["joined_days_ago"])
        if name := about.get("picture"):
            with texts.picture(name).open("rb") as file:
                user.avatar = images.reencode_avatar(file).write()
        user.save(update_fields=["bio", "joined_at", "avatar"])
    return members


def make_topics():
    return {
        about["slug"]: Topic.objects.create(position=position, **about)
        for position, about in enumerate(texts.site()["topics"], 1)
    }


def make_authors(members):
    """Make the authors; one whose slug is a member's handle has that account."""
    authors = {
        about["slug"]: Author.objects.create(user=members.get(about["slug"]), **about)
        for about in texts.site()["authors"]
    }
    User.objects.filter(author__isnull=False).update(shows_full_name=True)
    return authors


def make_picture(facts):
    focal_x, focal_y = facts["focal"]
    picture = Picture(
        alt=facts["alt"], caption=facts["caption"], credit=facts["credit"], focal_x=focal_x, focal_y=focal_y
    )
    with texts.picture(facts["picture"]).open("rb") as file:
        images.store(picture, File(file))
    return picture


def make_article(facts, body, picture, now):
    call = facts["cta"] or {"line": "", "label": "", "url": ""}
    published = facts["state"] != "draft"
    article = Article(
        title=facts["title"],
        slug=facts["slug"],
        standfirst=facts["standfirst"],
        kicker=facts["kicker"],
        picture=picture,
        state=Article.State.PUBLISHED if published else Article.State.DRAFT,
        publish_at=now - timedelta(hours=facts["hours_ago"]) if published else None,
        cta_line=call["line"],
        cta_label=call["label"],
        cta_url=call["url"],
        correction=facts["correction"] or "",
    )
    article.set_body(body)
    save_article(article)
    return article


def discuss(article, entries, members):
    """Post the comments of one article in their order, then let what happened to them happen."""
    rules = {rule.code: rule for rule in Rule.objects.all()}
    moderator = members[accounts.SIGN_INS["moderator"]["handle"]]
    posted = {}
    for entry in entries:
        comment = Comment(
            discussion=article.discussion,
            author=members[entry["by"]],
            body=entry["body"],
            html=markup.render_comment(entry["body"]),
            markup_version=markup.VERSION,
            posted_at=article.publish_at + timedelta(minutes=entry["minutes_after"]),
            **posting.place(posted.get(entry["parent"])),
        )
        if entry.get("featured"):
            comment.featured_at = comment.posted_at
        posting.insert(comment)
        posted[entry["id"]] = comment
    for entry in entries:
        comment = posted[entry["id"]]
        if entry["state"] == State.HIDDEN:
            decisions.hide_comment(comment, moderator=moderator, rule=rules[entry["rule"]], facts=entry["reason"])
        elif entry["state"] != State.PUBLISHED:
            states.move(comment, to=entry["state"], expected=State.PUBLISHED)
