from allauth.account import admin as account
from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa import admin as mfa  # noqa: F401  registers what is taken out below
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as socialaccount  # noqa: F401
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions import admin as usersessions  # noqa: F401
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from . import leaving, second_factor
from .forms import DisplayNameField
from .models import User
from .views.settings import show_anew

# One door: allauth's limits, codes and second factors hold for the admin too.
stock_permission = admin.site.has_permission


@secure_admin_login
def login(request, extra_context=None):
    """Lead staff, who are signed in, through what they still owe the admin, and on to where they wanted to go."""
    if request.user.is_suspended:
        raise PermissionDenied
    way_on = request.GET.get("next", "")
    return redirect(second_factor.step_before(request, way_on if get_adapter().is_safe_url(way_on) else "/admin/"))


def has_permission(request):
    """Every page of the admin asks this."""
    return stock_permission(request) and not request.user.is_suspended and not second_factor.owed_by(request)


admin.site.login, admin.site.has_permission = login, has_permission
admin.site.password_change = lambda request, extra_context=None: redirect("account_change_password")
# Secrets of members are nobody's to see, sessions nobody's to write, and providers are the environment's.
admin.site.unregister([EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])


class UserForm(forms.ModelForm):
    """Names are what they are for everybody; whose they are, administrators know."""

    display_name = DisplayNameField(help_text="", of_site=True)

    def clean(self):
        kept = self.cleaned_data.get("is_superuser") and self.cleaned_data.get("is_active")
        if not kept and leaving.is_last(self.instance, User.objects.administrators()):
            raise forms.ValidationError(_("This is the last administrator. Give somebody else the rights first."))


@admin.register(EmailAddress)
class EmailAddressAdmin(account.EmailAddressAdmin):
    """To be looked at. Whoever could write here could choose a new password for anybody."""

    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Members and staff, for superusers. Passwords are nobody's to see: new staff choose one by "Forgot your password?"."""

    form = UserForm
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
        ("Suspension", {"fields": ["suspended_until", "suspended_for"], "description": "Changed on the profile."}),
    ]
    add_fieldsets = [(None, {"fields": ["display_name", "email", "is_staff", "groups"]})]
    filter_horizontal = ["groups"]
    readonly_fields = ["joined_at", "last_login", "suspended_until", "suspended_for"]

    def get_readonly_fields(self, request, obj=None):
        """The address of whoever has signed in is theirs to change: it is where new passwords are sent to."""
        return [*self.readonly_fields, "email"] if obj and obj.last_login else self.readonly_fields

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def save_model(self, request, obj, form, change):
        obj.email = obj.email.lower()
        if change:
            changed = {*form.changed_data} - {"groups"}
            with transaction.atomic():
                obj.save(update_fields=[*changed, *(["name_look"] if "display_name" in changed else [])])
                if changed & {"display_name", "handle", "shows_full_name", "is_staff"}:
                    show_anew(obj)
            return
        obj.set_unusable_password()
        obj.save_with_free_handle()

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if change and "groups" in form.changed_data:
            show_anew(form.instance)  # comments say what their authors are

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    has_add_permission = has_module_permission

    def has_change_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False  # what a member wrote stays; an account is closed or erased
