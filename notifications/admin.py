from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import Notification, OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(admin.ModelAdmin):
    """What waits to be sent, what was given up, and why. For superusers, to look at: messages themselves hold codes and links."""

    list_display = ["created_at", "subject", "recipients", "state", "attempts", "due_at", "sent_at", "last_error"]
    list_filter = ["state"]
    search_fields = ["recipients", "subject"]
    ordering = ["-created_at", "-pk"]
    show_full_result_count = False
    actions = ["try_again"]
    fields = ["subject", "sender", "recipients", "state", "created_at", "due_at", "attempts", "last_error", "sent_at"]

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description=_("Try again"), permissions=["view"])
    def try_again(self, request, queryset):
        number = queryset.retry()
        self.message_user(
            request,
            ngettext("%d message is sent again.", "%d messages are sent again.", number) % number
            if number
            else _("Only messages that were given up can be tried again."),
            messages.SUCCESS if number else messages.WARNING,
        )


class ParkedFilter(admin.SimpleListFilter):
    title, parameter_name = _("mail"), "mail"

    def lookups(self, request, model_admin):
        return [("parked", _("given up")), ("waiting", _("waiting")), ("mailed", _("written"))]

    def queryset(self, request, queryset):
        match self.value():
            case "parked":
                return queryset.parked()
            case "waiting":
                return queryset.filter(mail_at__isnull=False, mailed_at=None, read_at=None)
            case "mailed":
                return queryset.filter(mailed_at__isnull=False)
        return queryset


@admin.register(Notification)
class NotificationAdmin(OutgoingMailAdmin):
    """Who was told of what, and what mail could not be written. For superusers, to look at."""

    list_display = ["created_at", "kind", "key", "count", "recipient", "due_at", "read_at", "mailed_at", "last_error"]
    list_filter = [ParkedFilter, "kind"]
    list_select_related = ["recipient"]
    search_fields = ["=key"]
    fields = [
        "kind", "key", "recipient", "actor", "count", "created_at", "due_at", "read_at", "mail_at", "mailed_at", "attempts",
        "last_error",
    ]  # fmt: skip
