from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaign import images

from . import avatars, handles, names
from .models import UNTIL_LIFTED, User
from .preferences import THEMES, zones
from .reserved import is_reserved
from .suspending import REASON_LENGTH


class DisplayNameField(forms.CharField):
    """A display name, checked as `names` says."""

    def __init__(self, *, of_site=False, **kwargs):
        self.of_site = of_site
        kwargs.setdefault("label", _("Display name"))
        kwargs.setdefault(
            "help_text",
            _("Others see it beside your comments. Unless you say otherwise, they see your last name as one letter."),
        )
        super().__init__(**kwargs)
        self.widget.attrs |= {"autocomplete": "nickname", "maxlength": names.LENGTH}

    def clean(self, value):
        return names.clean_display_name(super().clean(value), of_site=self.of_site)


class SignupForm(forms.Form):
    """What allauth's sign-up form asks besides address and password."""

    display_name = DisplayNameField()
    field_order = ["display_name", "email", "password1"]

    def clean_display_name(self):
        name = self.cleaned_data["display_name"]
        names.check_not_another(name)
        return name

    def signup(self, request, user):
        """allauth wants it; the adapter has saved the name already."""


class ProfileForm(forms.ModelForm):
    """What a member tells others about themselves."""

    display_name = DisplayNameField(help_text="")
    handle = forms.CharField(
        max_length=handles.LENGTH[1],
        help_text=_("Part of the address of your profile. Links to the old address end when you change it."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )

    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG, GIF or WebP, up to 5 MB. We keep a small square of it and nothing else."),
        widget=forms.FileInput(attrs={"accept": images.ACCEPT}),
    )
    drops_picture = forms.BooleanField(label=_("Remove my picture"), required=False)

    class Meta:
        model = User
        fields = ["display_name", "handle", "bio", "place"]
        labels = {"bio": _("About you")}
        widgets = {"bio": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.avatar:
            del self.fields["drops_picture"]

    def clean_display_name(self):
        name = self.cleaned_data["display_name"]
        if name != self.initial["display_name"]:
            names.check_not_another(name, besides=self.instance)
        return name

    def clean_handle(self):
        handle = self.cleaned_data["handle"].lower()
        if handle != self.initial["handle"]:
            if is_reserved(handle):
                raise ValidationError(_("This handle belongs to the site. Choose another one."), code="reserved")
            if User.objects.with_handle_like(handle).exclude(pk=self.instance.pk).exists():
                raise ValidationError(handles.TAKEN, code="unique")
        return handle

    def clean_place(self):
        return names.clean_line(self.cleaned_data["place"])

    def clean_picture(self):
        file = self.cleaned_data["picture"]
        return images.reencode_avatar(file) if file and self.instance.takes_part else file

    def clean(self):
        """Who takes no part may take away what others see of them, and put nothing in its place."""
        super().clean()
        if not self.instance.takes_part:
            for name in {*self.changed_data} - {"drops_picture"}:
                if self.cleaned_data.get(name):
                    self.add_error(name, _("You cannot change what others see of you at present, only take it away."))

    @property
    def changes_what_pages_show(self):
        """Does anything change that stands beside the member's comments?"""
        return bool({*self.changed_data} - {"bio", "place"})

    def save(self, avatar=""):
        """Store these fields and no others. avatar: the name of a new picture; the old one goes from the disk."""
        person, fields = self.instance, [*self.Meta.fields, "name_look"]
        if avatar or self.cleaned_data.get("drops_picture"):
            fields.append("avatar")
            avatars.forget(person.avatar.name)
            person.avatar = avatar
        person.save(update_fields=fields)


class PrivacyForm(forms.ModelForm):
    """How much of themselves a member shows."""

    class Meta:
        model = User
        fields = ["shows_full_name", "shows_follows"]
        labels = {"shows_full_name": _("Show my full name"), "shows_follows": _("Show which discussions I follow")}
        help_texts = {"shows_follows": _("On your profile. Otherwise only you see them there.")}


class SuspensionForm(forms.Form):
    """How long a member is suspended, and why."""

    DAYS = {"1": _("A day"), "7": _("A week"), "30": _("30 days"), "0": _("Until somebody lifts it")}
    days = forms.ChoiceField(label=_("How long, from now"), choices=DAYS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("The member reads this, by mail and where they would write. Others do not."),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @property
    def until(self):
        days = int(self.cleaned_data["days"])
        return timezone.now() + timedelta(days=days) if days else UNTIL_LIFTED


class LeavingForm(forms.Form):
    """What a member wants to be deleted."""

    CHOICES = {
        "name": (_("My account. My comments stay, without my name."), {"name": True, "words": False}),
        "both": (_("My account and all that I wrote."), {"name": True, "words": True}),
        "words": (_("All that I wrote. My account stays."), {"name": False, "words": True}),
    }
    what = forms.ChoiceField(
        label=_("What is deleted"),
        help_text=_("Comments that wait, are hidden or removed go in any case. Replies of others stay in their place."),
        choices=[(key, label) for key, (label, _parts) in CHOICES.items()],
        widget=forms.RadioSelect,
    )

    def parts(self):
        """The arguments of leaving.ask()."""
        return self.CHOICES[self.cleaned_data["what"]][1]


class AppearanceForm(forms.Form):
    """Light or dark, or as the reader's device has it; of members also language and time zone."""

    theme = forms.ChoiceField(label=_("Colours"), choices=THEMES, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args, is_member=False, **kwargs):
        super().__init__(*args, **kwargs)
        if is_member:
            here = _("As on this site: %(zone)s") % {"zone": settings.TIME_ZONE}
            self.fields["time_zone"].choices = [("", here), *((zone, zone.replace("_", " ")) for zone in zones())]
            self.fields["language"].choices = [("", _("As on this site")), *settings.LANGUAGES]
        else:
            del self.fields["time_zone"]
        if not is_member or len(settings.LANGUAGES) == 1:
            del self.fields["language"]
