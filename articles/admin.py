"""The editors' desk: articles with their pictures, bylines and topics."""

import js_asset
from csp.constants import NONCE
from csp.decorators import csp_update
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import editions, publishing
from .forms import ArticleForm, BylineForm
from .library import UploadAdmin, thumbnail
from .models import Article, Author, Byline, Topic
from .widgets import AuthorSelect, LibraryPicture


class BylineInline(admin.TabularInline):
    model = Byline
    form = BylineForm
    extra = 1
    verbose_name = _("author")
    verbose_name_plural = _("bylines, in the order of printing")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "author":
            kwargs["widget"] = AuthorSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class StateFilter(admin.SimpleListFilter):
    """Draft, scheduled, published: as editors speak, by the clock."""

    title = _("state")
    parameter_name = "is"

    def lookups(self, request, model_admin):
        return [("draft", _("draft")), ("scheduled", _("scheduled")), ("published", _("published"))]

    def queryset(self, request, queryset):
        match self.value():
            case "draft":
                return queryset.filter(state=Article.State.DRAFT)
            case "scheduled":
                return queryset.filter(state=Article.State.PUBLISHED, publish_at__gt=timezone.now())
            case "published":
                return queryset.published()
        return None


class ShownInLists:
    """For a ModelAdmin of what kept pages show beside an article: after a change they are made anew."""

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        editions.bump()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        editions.bump()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        editions.bump()


@admin.register(Article)
class ArticleAdmin(UploadAdmin):
    form = ArticleForm
    inlines = [BylineInline]
    prepopulated_fields = {"slug": ["title"]}
    list_display = ["thumbnail", "title", "state_in_words", "publish_at", "printed_by", "filed_under", "comments"]
    list_display_links = ["title"]
    list_filter = [
        StateFilter,
        "kind",
        ("topics", admin.RelatedOnlyFieldListFilter),
        ("authors", admin.RelatedOnlyFieldListFilter),
    ]
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-updated_at", "-id"]
    date_hierarchy = "publish_at"
    search_fields = ["title", "standfirst", "body"]
    search_help_text = _("Words of the title, the standfirst or the text.")
    actions = ["publish", "withdraw"]
    fieldsets = [
        (None, {"fields": ["seen", "title", "standfirst", "body"]}),
        (_("Correction"), {"fields": ["correction"]}),
        (_("Call to action"), {"fields": ["cta_line", "cta_label", "cta_url"]}),
        (
            _("Publication"),
            {"classes": ["side"], "fields": ["publish_at", "slug", "kicker", "kind", "comments_close_after"]},
        ),
        (_("Lead picture"), {"classes": ["side"], "fields": ["picture"]}),
        (
            _("A new lead picture"),
            {
                "classes": ["side"],
                "description": _("It joins the library and takes the place of the one above."),
                "fields": [
                    "upload",
                    "upload_alt",
                    "upload_is_decorative",
                    "upload_caption",
                    "upload_credit",
                    ("upload_focal_x", "upload_focal_y"),
                ],
            },
        ),
        (_("Topics"), {"classes": ["side"], "fields": ["topics"]}),
    ]

    # The list

    def get_queryset(self, request):
        articles = super().get_queryset(request)
        if request.resolver_match.url_name == "articles_article_changelist":
            articles = (
                articles.select_related("picture", "discussion")
                .prefetch_related("bylines__author", "topics")
                .defer("body", "html")
            )
        return articles

    @admin.display(description=_("picture"))
    def thumbnail(self, article):
        return thumbnail(article.picture)

    @admin.display(description=_("state"), ordering="state")
    def state_in_words(self, article):
        word = _("scheduled") if article.is_scheduled else article.get_state_display()
        kind = f" · {article.get_kind_display()}" if article.kind != Article.Kind.ARTICLE else ""
        css = "scheduled" if article.is_scheduled else article.state
        return format_html('<span class="state state-{}">{}{}</span>', css, word, kind)

    @admin.display(description=_("by"))
    def printed_by(self, article):
        return format_html_join(", ", "<bdi>{}</bdi>", ((byline.author,) for byline in article.bylines.all())) or "–"

    @admin.display(description=_("topics"))
    def filed_under(self, article):
        return ", ".join(topic.name for topic in article.topics.all()) or "–"

    @admin.display(description=_("comments"), ordering="discussion__comment_count")
    def comments(self, article):
        number = article.discussion.comment_count
        return format_html('<a href="{}">{}</a>', article.discussion.get_absolute_url(), number)

    @admin.action(description=_("Publish (at the time set, else now)"), permissions=["change"])
    def publish(self, request, queryset):
        drafts = list(queryset.filter(state=Article.State.DRAFT))
        for article in drafts:
            publishing.publish(article)
            self.log_change(request, article, [{"changed": {"fields": ["state"]}}])
        self.tell(request, len(drafts), ngettext("%d article published.", "%d articles published.", len(drafts)))

    @admin.action(description=_("Back to draft"), permissions=["change"])
    def withdraw(self, request, queryset):
        published = list(queryset.filter(state=Article.State.PUBLISHED))
        for article in published:
            publishing.withdraw(article)
            self.log_change(request, article, [{"changed": {"fields": ["state"]}}])
        self.tell(
            request,
            len(published),
            ngettext("%d article is a draft again.", "%d articles are drafts again.", len(published)),
        )

    def tell(self, request, number, sentence):
        if number:
            self.message_user(request, sentence % number, messages.SUCCESS)
        else:
            self.message_user(request, _("There was nothing to do for these articles."), messages.WARNING)

    # The form

    def get_object(self, request, object_id, from_field=None):
        if request.method == "POST":
            # Held until the end of the transaction, so that of two editors who save at once the second is told.
            Article.objects.select_for_update().filter(pk=object_id if str(object_id).isdecimal() else 0).first()
        return super().get_object(request, object_id, from_field)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "picture":
            kwargs["widget"] = LibraryPicture(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "topics":
            field.widget.can_add_related = False  # a list of boxes would not show the new one
        return field

    def view_on_site(self, obj):
        # A form sent back with its address emptied has an article without one.
        return obj.get_absolute_url() if obj.slug else None

    @csp_update({"script-src": [NONCE]})
    def render_change_form(self, request, context, *args, **kwargs):
        # The one inline script of the site, the editor's import map, runs by the nonce of its response.
        media = js_asset.Media.from_media(context["media"])
        return super().render_change_form(
            request, context | {"media": media.with_nonce(str(request.csp_nonce))}, *args, **kwargs
        )

    def save_model(self, request, obj, form, change):
        """Save the article, and do with it what the pressed button says."""
        obj.set_body(form.cleaned_data["body"])
        if upload := form.cleaned_data.get("upload"):
            self.keep_upload(form.new_picture, upload)
            obj.picture = form.new_picture
        now = timezone.now()
        if "_publish" in request.POST:
            publishing.publish(obj, at=obj.publish_at if obj.publish_at and obj.publish_at <= now else now)
        elif "_schedule" in request.POST:
            publishing.publish(obj, at=obj.publish_at)
        elif "_withdraw" in request.POST:
            publishing.withdraw(obj)
        else:
            publishing.save_article(obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for position, byline in enumerate(form.instance.bylines.order_by("position", "pk"), 1):
            if byline.position != position:
                Byline.objects.filter(pk=byline.pk).update(position=position)

    def response_add(self, request, obj, post_url_continue=None):
        return self.answer(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self.answer(request, obj) or super().response_change(request, obj)

    def answer(self, request, article):
        """Say what became of the article and go on with it; None where Django's own answer is wanted."""
        if not request.POST.keys() & {"_continue", "_publish", "_schedule", "_withdraw", "_preview"}:
            return None
        if "_preview" in request.POST:
            return redirect(article)
        link = format_html('<a href="{}">{}</a>', article.get_absolute_url(), article)
        if article.is_scheduled:
            when = date_format(timezone.localtime(article.publish_at), "DATETIME_FORMAT")
            said = format_html(_("Scheduled: {} appears on {}."), link, when)
        elif article.is_published:
            said = format_html(_("Published: {} is on the site."), link)
        else:
            said = format_html(_("Saved as a draft: {} is seen by editors only."), link)
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:articles_article_change", article.pk)

    def has_delete_permission(self, request, obj=None):
        """What was published is withdrawn, not deleted; a draft that nobody discussed may go."""
        return (
            obj is not None
            and obj.state == Article.State.DRAFT
            and super().has_delete_permission(request, obj)
            and not obj.discussion.comments.exists()
        )

    def delete_model(self, request, obj):
        discussion = obj.discussion
        obj.delete()
        discussion.delete()


@admin.register(Topic)
class TopicAdmin(ShownInLists, admin.ModelAdmin):
    list_display = ["name", "slug", "position"]
    list_editable = ["position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Author)
class AuthorAdmin(ShownInLists, admin.ModelAdmin):
    """People as printed. Only superusers tie one to an account: editors see no accounts."""

    list_display = ["name", "role", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    raw_id_fields = ["user"]
    fields = ["name", "slug", "role", "bio", "user"]

    def get_fields(self, request, obj=None):
        return self.fields if request.user.is_superuser else [name for name in self.fields if name != "user"]
