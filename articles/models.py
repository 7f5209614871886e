from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import initials
from campaign import images, markup
from comments.models import Discussion


class Topic(models.Model):
    """What articles are filed under; it has a page and a feed."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=100, help_text=_("Lower numbers come first."))

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:topic", args=[self.slug])


class Author(models.Model):
    """A person as printed in bylines; an account is not needed."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    role = models.CharField(max_length=80, blank=True, help_text=_("Reporter, Opinion editor, …"))
    bio = models.TextField(max_length=1_000, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="author",
        verbose_name=_("account"),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:author", args=[self.slug])

    # What {% avatar %} prints, as of a member.
    @property
    def avatar(self):
        return self.user.avatar if self.user else None

    @property
    def initials(self):
        return initials(self.name)

    @property
    def hue(self):
        return self.user.hue if self.user else self.pk % 12


class Picture(models.Model):
    """An image of the library: re-encoded without metadata, with scaled copies beside it (campaign/images.py)."""

    file = models.ImageField(upload_to="pictures/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    widths = models.JSONField(default=list, editable=False, help_text=_("Widths of the scaled copies, in pixels."))
    alt = models.CharField(
        _("alternative text"), max_length=300, blank=True, help_text=_("What a person who cannot see it should know.")
    )
    is_decorative = models.BooleanField(_("decorative, needs no alternative text"), default=False)
    caption = models.CharField(max_length=400, blank=True)
    credit = models.CharField(max_length=200, help_text=_("Photograph: name for whom."))
    focal_x = models.PositiveSmallIntegerField(
        default=50, help_text=_("Point to keep when cropped: percent from left.")
    )
    focal_y = models.PositiveSmallIntegerField(default=50, help_text=_("Percent from the top."))
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_decorative=True) | ~Q(alt=""),
                name="picture_has_alternative_text",
                violation_error_message=_("Describe the picture, or mark it as decorative."),
            ),
            models.CheckConstraint(
                condition=Q(focal_x__lte=100) & Q(focal_y__lte=100),
                name="picture_focal_point_inside",
                violation_error_message=_("The focal point is given in percent, 0 to 100."),
            ),
        ]

    def __str__(self):
        return self.alt or self.caption or self.file.name

    @property
    def focal_class(self):
        """Classes of site.css that keep the focal point in view, in steps of five percent."""
        return f"fx-{round(self.focal_x / 5) * 5} fy-{round(self.focal_y / 5) * 5}"

    @property
    def srcset(self):
        stem = self.file.url.rpartition(".")[0]
        return ", ".join([*(f"{stem}-{w}.webp {w}w" for w in self.widths), f"{self.file.url} {self.width}w"])

    @property
    def thumbnail_url(self):
        """The narrowest file: for lists."""
        return f"{self.file.url.rpartition('.')[0]}-{self.widths[0]}.webp" if self.widths else self.file.url

    def delete_files(self):
        """Delete the file and its scaled copies. The row is the caller's."""
        images.remove(self.file.name, self.widths)


class ArticleQuerySet(models.QuerySet):
    def published(self):
        """What readers may open now, pages included. A scheduled article appears by this query, on time."""
        return self.filter(state=Article.State.PUBLISHED, publish_at__lte=timezone.now())

    def stories(self):
        """Published articles without pages: front page, lists, feeds."""
        return self.published().filter(kind=Article.Kind.ARTICLE)

    def with_bylines(self):
        """With its authors in the order of printing, and their accounts: one more query for any number."""
        return self.prefetch_related(BYLINES)

    def for_cards(self):
        """All that a card prints, newest first, in three queries for any number."""
        return (
            self.with_bylines()
            .select_related("picture", "discussion")
            .prefetch_related("topics")
            .defer("body", "html")
            .order_by("-publish_at", "-pk")
        )


class Article(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    class Kind(models.TextChoices):
        ARTICLE = "article", _("article")
        PAGE = "page", _("page")

    kind = models.CharField(
        max_length=10, choices=Kind, default=Kind.ARTICLE, help_text=_("A page stands in no list and no feed.")
    )
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True)
    kicker = models.CharField(max_length=60, blank=True, help_text=_("A place or a word above the headline."))
    standfirst = models.TextField(max_length=600, blank=True)
    body = models.TextField(blank=True)  # as the editor sent it
    html = models.TextField(blank=True, editable=False)  # what campaign.markup made of it
    markup_version = models.PositiveSmallIntegerField(default=0, editable=False)
    word_count = models.PositiveIntegerField(default=0, editable=False)
    picture = models.ForeignKey(Picture, models.PROTECT, null=True, blank=True, verbose_name=_("lead picture"))
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    publish_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When published with a time to come, it appears by itself then.")
    )
    updated_at = models.DateTimeField(auto_now=True)
    cta_line = models.CharField(_("call to action"), max_length=120, blank=True)
    cta_label = models.CharField(_("button"), max_length=40, blank=True, help_text=_("Sign this petition"))
    cta_url = models.URLField(_("link"), blank=True)
    correction = models.TextField(max_length=600, blank=True, help_text=_("Shown below the article."))
    comments_close_after = models.PositiveSmallIntegerField(
        _("days open for comments"), null=True, blank=True, help_text=_("Empty: as on the whole site. 0: for ever.")
    )
    discussion = models.OneToOneField(Discussion, models.PROTECT, editable=False, related_name="article")

    objects = ArticleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "kind", "-publish_at", "-id"], name="article_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(publish_at__isnull=False),
                name="article_published_has_a_date",
                violation_error_message=_("A published article needs a date."),
            ),
            models.CheckConstraint(
                condition=Q(cta_line="", cta_url="") | (~Q(cta_line="") & ~Q(cta_url="")),
                name="article_call_to_action_whole",
                violation_error_message=_("A call to action needs both a line and a link."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("articles:article", args=[self.slug])

    def set_body(self, source):
        """Take the editor's HTML: keep it, and beside it what readers get. Saves nothing."""
        rendered = markup.render_article(source)
        self.body, self.html = source, rendered.html
        self.markup_version, self.word_count = markup.VERSION, rendered.word_count

    @property
    def is_published(self):
        return self.state == self.State.PUBLISHED and self.publish_at <= timezone.now()

    @property
    def is_scheduled(self):
        return self.state == self.State.PUBLISHED and self.publish_at > timezone.now()

    @property
    def reading_minutes(self):
        return max(1, round(self.word_count / 220))

    def is_readable_by(self, user):
        return self.is_published or user.has_perm("articles.view_article")


class Byline(models.Model):
    """One author of an article, in the order of printing."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["article", "author"], name="byline_once_per_author")]

    def __str__(self):
        return str(self.author)


# Authors in the order of printing, and their accounts, in one query for any number of articles.
BYLINES = models.Prefetch("bylines", Byline.objects.select_related("author__user"))


class Edition(models.Model):
    """One row: how often what lists of articles show has changed (editions.py)."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return str(self.number)
