from contextlib import suppress

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User

from . import featuring
from .models import Comment, Discussion, State

EXCERPT = 400  # characters
MAX_AUTHORS = 100  # whom one searched name may mean
MAX_AT_ONCE = 100  # comments that an action takes


class NewestPages(Paginator):
    """Pages of the first LIMIT rows: counting and skipping cost the same at a million rows as at ten thousand."""

    LIMIT = 2_000

    @cached_property
    def count(self):
        return self.object_list.order_by()[: self.LIMIT].count()


class DiscussionFilter(admin.SimpleListFilter):
    """Says which discussion the list is cut to, and leads back to all; links in the list choose one."""

    title = _("discussion")
    parameter_name = "discussion"

    def lookups(self, request, model_admin):
        chosen = request.GET.get(self.parameter_name, "")
        if not chosen.isdecimal() or len(chosen) > 18:
            return []
        return list(Discussion.objects.filter(pk=chosen).values_list("pk", "title"))

    def has_output(self):
        return bool(self.lookup_choices)

    def queryset(self, request, queryset):
        return queryset.filter(discussion=self.lookup_choices[0][0]) if self.value() and self.lookup_choices else None


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    """Comments to look through: what was said, by whom, where, and what became of it. Nobody edits the words of others.

    moderation/admin.py adds what moderators decide.
    """

    list_display = ["text", "state_in_words", "writer", "where", "posted"]
    list_display_links = ["posted"]
    list_filter = ["state", "posted_at", DiscussionFilter]
    list_select_related = ["author", "discussion"]
    list_per_page = 50
    list_max_show_all = 0
    ordering = ["-posted_at", "-id"]
    paginator = NewestPages
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["body"]  # get_search_results says what is searched
    search_help_text = _("Words of the text, a name, an @handle, or the number of a comment.")
    fields = ["whole_text", "state_in_words", "writer", "where", "posted_at", "edited_at"]
    actions = ["feature", "unfeature"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_feature_permission(self, request):
        return request.user.has_perm("comments.feature_comment")

    def view_on_site(self, obj):
        return obj.get_absolute_url()

    @admin.action(description=_("Feature"), permissions=["feature"])
    def feature(self, request, queryset):
        chosen = self.at_most(request, queryset)
        done = 0
        for comment in chosen:
            with suppress(featuring.NotFeaturable):  # left the page this moment
                if comment.is_featurable_by(request.user):
                    featuring.feature(comment)
                    done += 1
        if done:
            said = ngettext("%d comment is featured.", "%d comments are featured.", done) % done
            self.message_user(request, said, messages.SUCCESS)
        if left := len(chosen) - done:
            said = ngettext(
                "%d comment is left out: readers do not see it, or it is your own.",
                "%d comments are left out: readers do not see them, or they are your own.",
                left,
            )
            self.message_user(request, said % left, messages.WARNING)

    @admin.action(description=_("Stop featuring"), permissions=["feature"])
    def unfeature(self, request, queryset):
        done = sum(map(featuring.unfeature, self.at_most(request, queryset)))
        said = ngettext("%d comment is featured no more.", "%d comments are featured no more.", done) % done
        self.message_user(request, said, messages.SUCCESS)

    def at_most(self, request, queryset):
        """The chosen comments, or none and a message if they are more than MAX_AT_ONCE."""
        comments = list(queryset.select_related("author", "discussion")[: MAX_AT_ONCE + 1])
        if len(comments) > MAX_AT_ONCE:
            self.message_user(request, _("Choose at most %d comments.") % MAX_AT_ONCE, messages.ERROR)
            return []
        return comments

    def get_search_results(self, request, queryset, search_term):
        """One look-up for people, then one condition on comments, so that the newest matches are found first."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.isdecimal() and len(term) <= 18:
            return queryset.filter(pk=term), False
        if term.startswith("@"):
            return queryset.filter(author__in=list(User.objects.filter(handle=term[1:].lower())[:1])), False
        authors = User.objects.filter(display_name__icontains=term).values_list("pk", flat=True)[:MAX_AUTHORS]
        return queryset.filter(
            Q(body__icontains=term) | Q(guest_name__icontains=term) | Q(author__in=list(authors))
        ), False

    @admin.display(description=_("comment"))
    def text(self, comment):
        if comment.state in (State.WITHDRAWN, State.ERASED):
            return comment.get_state_display().capitalize()
        return format_html('<span dir="auto">{}</span>', Truncator(comment.body).chars(EXCERPT))

    @admin.display(description=_("text"))
    def whole_text(self, comment):
        if comment.state in (State.WITHDRAWN, State.ERASED):
            return comment.get_state_display().capitalize()
        return format_html('<div class="source" dir="auto">{}</div>', comment.body)

    @admin.display(description=_("state"), ordering=None)
    def state_in_words(self, comment):
        more = f": {comment.hidden_under}" if comment.is_hidden and comment.hidden_under else ""
        if comment.is_published and comment.featured_at:
            more = f", {_('featured')}"
        return format_html('<span class="state state-{}">{}{}</span>', comment.state, comment.get_state_display(), more)

    @admin.display(description=_("by"))
    def writer(self, comment):
        if not comment.author:
            return format_html("<bdi>{}</bdi>", comment.name)
        return format_html(
            '<bdi>{}</bdi> <a class="quiet" href="?q=%40{}">@{}</a>',
            comment.author.display_name,
            comment.author.handle,
            comment.author.handle,
        )

    @admin.display(description=_("in"))
    def where(self, comment):
        return format_html(
            '<a href="{}?discussion={}"><bdi>{}</bdi></a><br><a class="quiet" href="{}">{}</a>',
            reverse("admin:comments_comment_changelist"),
            comment.discussion_id,
            comment.discussion,
            comment.get_absolute_url(),
            _("On the site"),
        )

    @admin.display(description=_("posted"), ordering="-posted_at")
    def posted(self, comment):
        return comment.posted_at


@admin.register(Discussion)
class DiscussionAdmin(admin.ModelAdmin):
    """Discussions, for moderators to lock and unlock. Title and address come from the page."""

    list_display = ["title", "mode", "comments", "opens_at", "closes_at"]
    list_filter = ["mode"]
    list_per_page = 50
    list_max_show_all = 0
    ordering = ["-opens_at", "-id"]
    paginator = NewestPages
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["title"]
    fields = ["title", "mode", "mode_until", "closes_at", "opens_at", "comment_count"]
    readonly_fields = ["title", "opens_at", "comment_count"]

    def get_queryset(self, request):
        discussions = super().get_queryset(request)
        # The title of a draft is nothing for those who may not read it.
        return discussions if request.user.has_perm("articles.view_article") else discussions.readable()

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def view_on_site(self, obj):
        return obj.get_absolute_url()

    def save_model(self, request, obj, form, change):
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        # The version rises, so that no kept page goes on showing the old form.
        Discussion.objects.filter(pk=obj.pk).show_anew(**changes)

    @admin.display(description=_("comments"))
    def comments(self, discussion):
        return format_html(
            '<a href="{}?discussion={}">{}</a>',
            reverse("admin:comments_comment_changelist"),
            discussion.pk,
            discussion.comment_count,
        )
