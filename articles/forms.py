"""The forms of the editors' desk."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from campaign import images, markup

from .models import Article, Byline, Picture
from .widgets import BodyWidget, UploadInput

OF_PICTURE = ("alt", "is_decorative", "caption", "credit", "focal_x", "focal_y")  # what an editor says about a picture
LAST = 999  # the position of an author who was given none


class UploadField(forms.FileField):
    """A picture to be made anew. Not Django's ImageField, which lets Pillow try every format it knows."""

    widget = UploadInput

    def clean(self, data, initial=None):
        """Return the uploaded file with `.made`, the Reencoded. What was encoded before (articles/admin.py) is kept."""
        upload = super().clean(data, initial)
        if upload:
            problem = getattr(upload, "problem", None)
            if problem:
                raise problem
            if not hasattr(upload, "made"):
                upload.made = images.reencode(upload)
        return upload


class PictureForm(forms.ModelForm):
    """A picture of the library with its words."""

    upload = UploadField(label=_("File"), help_text=_("JPEG, PNG, GIF or WebP, at most 20 MB and 25 megapixels."))

    class Meta:
        model = Picture
        fields = OF_PICTURE

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "upload" in self.fields:
            self.fields["upload"].required = False
            self.fields["upload"].label = _("Another file")


def of_picture(name):
    """The form field of a Picture's field, optional: it is asked for when a file is chosen."""
    return Picture._meta.get_field(name).formfield(required=False)


class ArticleForm(forms.ModelForm):
    """An article, and with it a new lead picture. The button that was pressed says what becomes of it."""

    body = forms.CharField(label=_("Text"), required=False, strip=False, widget=BodyWidget)
    cta_url = Article._meta.get_field("cta_url").formfield(assume_scheme="https")
    upload = UploadField(
        label=_("File"), required=False, help_text=_("JPEG, PNG, GIF or WebP, at most 20 MB and 25 megapixels.")
    )
    upload_alt = of_picture("alt")
    upload_is_decorative = of_picture("is_decorative")
    upload_caption = of_picture("caption")
    upload_credit = of_picture("credit")
    upload_focal_x = of_picture("focal_x")
    upload_focal_y = of_picture("focal_y")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # the state of the article that the editor saw

    class Meta:
        model = Article
        fields = [
            "title",
            "slug",
            "kicker",
            "standfirst",
            "body",
            "kind",
            "topics",
            "picture",
            "publish_at",
            "cta_line",
            "cta_label",
            "cta_url",
            "correction",
            "comments_close_after",
        ]
        widgets = {
            "title": forms.TextInput(attrs={"class": "headline"}),
            "standfirst": forms.Textarea(attrs={"rows": 3}),
            "correction": forms.Textarea(attrs={"rows": 3}),
            "topics": forms.CheckboxSelectMultiple,
        }
        labels = {"slug": _("Address")}
        help_texts = {"slug": _("The last part, after /articles/. Left empty, it is made of the title.")}
        error_messages = {
            "slug": {"unique": _("Another article has this address. Change a word of it.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:  # not for those who may only look
            self.fields["slug"].required = False
        if self.instance.pk:
            self.initial["seen"] = self.instance.updated_at.isoformat()

    def clean_slug(self):
        slug = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("title", ""))
        if not slug and "title" in self.cleaned_data:
            raise ValidationError(_("No address can be made of this title: give one."), code="required")
        return slug

    def clean_body(self):
        body = self.cleaned_data["body"]
        try:
            markup.render_article(body)
        except markup.TooLong as error:
            raise ValidationError(
                _("The text is longer than %(limit)d characters."),
                code="too_long",
                params={"limit": markup.MAX_ARTICLE},
            ) from error
        return body

    def clean(self):
        cleaned = super().clean()
        self.check_nobody_was_faster()
        if cleaned.get("upload"):
            self.check_new_picture()
        self.check_time()
        if self.errors and cleaned.get("upload"):
            self.add_error(
                "upload", ValidationError(_("Choose the file once more: a browser forgets it."), code="again")
            )
        return cleaned

    def check_time(self):
        """A time to come where one is scheduled, some time where it is published."""
        publish_at = self.cleaned_data.get("publish_at")
        if "publish_at" in self.errors:
            return
        if "_schedule" in self.data and (publish_at is None or publish_at <= timezone.now()):
            self.add_error("publish_at", ValidationError(_("Give a time that is still to come."), code="past"))
        if self.instance.state == Article.State.PUBLISHED and publish_at is None and "_withdraw" not in self.data:
            self.add_error("publish_at", ValidationError(_("A published article needs a date."), code="required"))

    def check_nobody_was_faster(self):
        """Refuse to overwrite what somebody saved since this form was opened; sent once more, it does."""
        if not self.instance.pk:
            return
        now = self.instance.updated_at.isoformat()
        if self.cleaned_data.get("seen") not in ("", now):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = now
            when = date_format(timezone.localtime(self.instance.updated_at), "DATETIME_FORMAT")
            self.add_error(
                None,
                ValidationError(
                    _(
                        "Somebody saved this article on %(when)s, while you were writing. Your text is below and not "
                        "saved; open the article in another window to see theirs. Saving again replaces theirs."
                    ),
                    code="conflict",
                    params={"when": when},
                ),
            )

    def check_new_picture(self):
        """Report what is wrong with the words of the new picture at its own fields."""
        given = {name.removeprefix("upload_"): value for name, value in self.cleaned_data.items()}
        self.new_picture = Picture(**{name: given[name] for name in OF_PICTURE if given.get(name) not in (None, "")})
        others = {field.name for field in Picture._meta.fields if field.name not in OF_PICTURE}
        failed = {name for name in OF_PICTURE if f"upload_{name}" in self.errors}
        try:
            self.new_picture.full_clean(exclude=others | failed)
        except ValidationError as problem:
            for name, errors in problem.error_dict.items():
                self.add_error(f"upload_{name}" if name in OF_PICTURE else "upload_alt", errors)


class BylineForm(forms.ModelForm):
    """One author; a position left empty is the last one."""

    class Meta:
        model = Byline
        fields = ["author", "position"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False
        if not self.instance.pk:
            self.initial["position"] = None

    def clean_position(self):
        position = self.cleaned_data["position"]
        return LAST if position is None else position
