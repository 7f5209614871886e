from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import OutgoingMail


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
