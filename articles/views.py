from datetime import timedelta

from django.core.paginator import InvalidPage, Paginator
from django.db.models import CharField, DateTimeField
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaign.prepared import Prepared
from comments.models import Comment
from comments.panel import find_place, panel

from . import editions, pages, shell, story
from .models import Article, Author, Topic

STORIES = 10  # on a page of a list
TOPICS = 24  # on the front page, the first by position
MOST_DISCUSSED_WITHIN = timedelta(days=30)


of_slug = Prepared(
    lambda slug, now: editions.beside(Article.objects.select_related("picture", "discussion"), now).filter(slug=slug),
    slug=CharField(),
    now=DateTimeField(),
)


def page_of(articles, request):
    """The page of a list of articles that the address asks for. Raise Http404 beyond its end."""
    try:
        return Paginator(articles.for_cards(), STORIES).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error


@require_safe
def home(request):
    """The front page: the newest story large, three cards, what readers said, the rest as a list."""
    page = page_of(Article.objects.stories(), request)
    stories = list(page)
    voices = list(
        Comment.objects.published()
        .filter(featured_at__isnull=False)
        .select_related("author", "discussion")
        .order_by("-featured_at")[:8]
    )
    lead = stories[0] if stories and page.number == 1 else None
    overheard = next((voice for voice in voices if lead and voice.discussion_id == lead.discussion_id), None)
    busy = (
        Article.objects.stories()
        .filter(publish_at__gte=timezone.now() - MOST_DISCUSSED_WITHIN, discussion__comment_count__gt=0)
        .select_related("discussion")
        .order_by("-discussion__comment_count")
        .only("title", "slug", "discussion__comment_count")
    )
    context = {
        "page": page,
        "lead": lead,
        "cards": stories[1:4] if lead else [],
        "lines": stories[4:] if lead else stories,
        "overheard": overheard,
        "voices": [voice for voice in voices if voice != overheard][:3],
        "most_discussed": busy[:4],
        "topics": Topic.objects.filter(articles__in=Article.objects.stories()).distinct()[:TOPICS],
    }
    return render(request, "articles/home.html", context)


@require_safe
def article(request, slug):
    """An article with its discussion. Editors see a draft as readers will; guests get a kept page."""
    [found] = of_slug(slug=slug, now=timezone.now()) or [None]
    if found is None or not found.is_readable_by(request.user):
        raise Http404
    context = article_context(request, found, find_place(request, found.discussion))
    if request.user.is_authenticated or not found.is_published:
        return HttpResponse(shell.page(request, context))
    return pages.for_guests(request, found, context)


def article_context(request, found, place):
    shown = story.of(found, request.user)
    discussion = panel(request, found.discussion, place, shown.hosts)
    return {
        "article": found,
        "bylines": shown.authors,
        "read_next": shown.read_next,
        "story": shown.with_count(discussion["counted"]["label"]),
        **discussion,
    }


@require_safe
def topic(request, slug):
    """What was published under a topic, newest first."""
    found = get_object_or_404(Topic, slug=slug)
    page = page_of(Article.objects.stories().filter(topics=found), request)
    return render(request, "articles/topic.html", {"topic": found, "page": page})


@require_safe
def author(request, slug):
    """Who an author is, and what they published."""
    found = get_object_or_404(Author.objects.select_related("user"), slug=slug)
    page = page_of(Article.objects.stories().filter(authors=found), request)
    return render(request, "articles/author.html", {"author": found, "page": page})
