from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.shortcuts import redirect

from .models import User

# One door: allauth's limits, codes and, later, second factors hold for the admin too.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.password_change = lambda request, extra_context=None: redirect("account_change_password")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Members and staff, for superusers. Passwords are nobody's to see: new staff choose one by "Forgot your password?"."""

    list_display = ["display_name", "email", "handle", "is_staff", "is_active", "joined_at"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups", "joined_at"]
    search_fields = ["display_name", "email", "handle"]
    ordering = ["-joined_at"]
    list_per_page = 50
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["display_name", "email", "handle", "bio", "shows_full_name"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["display_name", "email", "is_staff", "groups"]})]
    filter_horizontal = ["groups"]
    readonly_fields = ["joined_at", "last_login"]

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def save_model(self, request, obj, form, change):
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name != "groups"])
            return
        obj.email = obj.email.lower()
        obj.set_unusable_password()
        obj.save_with_free_handle()

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    has_add_permission = has_module_permission

    def has_change_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False  # what a member wrote stays; an account is closed or erased
