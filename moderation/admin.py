from django.contrib import admin, messages
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.admin import CommentAdmin as CommentList
from comments.admin import NewestPages
from comments.models import Comment

from . import decisions, verbs
from .models import Decision, Rule

admin.site.unregister(Comment)


@admin.register(Comment)
class CommentAdmin(CommentList):
    """The list of comments with what moderators decide: one page of form for many at once, one Decision each."""

    actions = ["hide", "restore", "approve", *CommentList.actions]
    fields = [*CommentList.fields, "ways", "history"]

    def has_decide_permission(self, request):
        return request.user.has_perm("moderation.add_decision")

    @admin.action(description=_("Hide…"), permissions=["decide"])
    def hide(self, request, queryset):
        return self.decide(request, queryset, verbs.HIDE)

    @admin.action(description=_("Restore…"), permissions=["decide"])
    def restore(self, request, queryset):
        return self.decide(request, queryset, verbs.RESTORE)

    @admin.action(description=_("Approve…"), permissions=["decide"])
    def approve(self, request, queryset):
        return self.decide(request, queryset, verbs.APPROVE)

    def decide(self, request, queryset, verb):
        """Show the chosen comments with the form of `verb`; sent by that page, decide on each of them."""
        comments = self.at_most(request, queryset)
        if not comments:
            return None
        form = verb.form(request.POST if "decided" in request.POST else None)
        if form.is_bound and form.is_valid():
            self.decide_each(request, comments, verb, form.cleaned_data)
            return None
        able, unable = [], []
        for comment in comments:
            comment.obstacle = verb.obstacle(comment, request.user)
            (unable if comment.obstacle else able).append(comment)
        context = {
            **self.admin_site.each_context(request),
            "title": verb.many,
            "opts": self.opts,
            "verb": verb,
            "form": form,
            "able": able,
            "unable": unable,
        }
        return TemplateResponse(request, "admin/moderation/decide.html", context, status=422 if form.is_bound else 200)

    def decide_each(self, request, comments, verb, said):
        done, refused = 0, []
        for comment in comments:
            try:
                verb.act(comment, moderator=request.user, **said)
                done += 1
            except decisions.CannotDecide as reason:
                refused.append(f"{comment}: {reason}")
        if done:
            self.message_user(
                request,
                f"{verb.done} {ngettext('%d comment.', '%d comments.', done) % done}",
                messages.SUCCESS,
            )
        for sentence in refused:
            self.message_user(request, sentence, messages.WARNING)

    @admin.display(description=_("decide"))
    def ways(self, comment):
        able = [verb for verb in (verbs.APPROVE, verbs.HIDE, verbs.RESTORE) if comment.state in verb.starts_from]
        return (
            format_html_join(
                " ",
                '<a class="button" href="{}">{}</a>',
                ((reverse(f"moderation:{verb.name}", args=[comment.pk]), verb.button) for verb in able),
            )
            or "–"
        )

    @admin.display(description=_("decisions"))
    def history(self, comment):
        made = format_html_join(
            "",
            '<li><a href="{}">{}</a>{} · {}</li>',
            (
                (
                    decision.get_absolute_url(),
                    decision,
                    f" · {decision.rule}" if decision.rule else "",
                    decision.moderator.display_name,
                )
                for decision in comment.decisions.select_related("moderator", "rule")
            ),
        )
        return format_html("<ol>{}</ol>", made) if made else "–"


class ReadOnly(admin.ModelAdmin):
    """Rows to look at: nobody adds, changes or deletes one here, superusers neither."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """Every decision of moderators, newest first."""

    list_display = ["decided_at", "action", "rule", "text", "facts_in_short", "moderator", "is_reversed"]
    list_filter = ["action", "rule", "decided_at"]
    list_select_related = ["comment__author", "moderator", "rule"]
    list_per_page = 50
    list_max_show_all = 0
    ordering = ["-pk"]  # in the order they were made, without an index of its own
    paginator = NewestPages
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["facts"]
    fields = [
        "decided_at",
        "action",
        "rule",
        "facts",
        "text",
        "state_before",
        "state_after",
        "moderator",
        "reverses",
        "is_reversed",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("reversed_by")

    def view_on_site(self, obj):
        return obj.comment.get_absolute_url()

    @admin.display(description=_("comment"))
    def text(self, decision):
        comment = decision.comment
        return format_html(
            '<span dir="auto">{}</span> <a class="quiet" href="{}">{}</a>',
            Truncator(comment.body).chars(160) if comment.state not in ("withdrawn", "erased") else "",
            reverse("admin:comments_comment_change", args=[comment.pk]),
            comment,
        )

    @admin.display(description=_("facts"))
    def facts_in_short(self, decision):
        return Truncator(decision.facts).chars(160)

    @admin.display(description=_("reversed"), boolean=True)
    def is_reversed(self, decision):
        return bool(decision.reversed_by.all())


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):
    """The rules of the house. One that is no longer wanted is switched off: decisions go on naming it."""

    list_display = ["title", "text", "position", "is_active"]
    fields = ["title", "text", "code", "position", "is_active"]
    prepopulated_fields = {"code": ["title"]}

    def has_delete_permission(self, request, obj=None):
        return False
