import unicodedata
import uuid

from django import forms
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaign import markup

from . import quoting

MIN_LENGTH, MAX_LENGTH = settings.CAMPAIGN_COMMENT_LENGTH
UNSEEN_KINDS = {"Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Co"}  # Unicode's categories of what leaves no mark on paper


class WordsField(forms.CharField):
    """A text in our Markdown. A line end is one character, as the browser counts."""

    def __init__(self, **kwargs):
        super().__init__(
            label=_("Your comment"),
            min_length=MIN_LENGTH,
            max_length=MAX_LENGTH,
            widget=forms.Textarea(attrs={"rows": 5}),
            error_messages={"required": _("Write something first.")},
            **kwargs,
        )

    def to_python(self, value):
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class WordsForm(forms.Form):
    """A text, as it may stand in a comment."""

    body = WordsField()


class CheckedWords(forms.Form):
    """What every text must pass, new or edited."""

    body = WordsField()

    def clean_body(self):
        body = self.cleaned_data["body"]
        html = markup.render_comment(body)
        if not says_something(markup.plain(html)):
            raise forms.ValidationError(_("Write something first."))
        if not says_something(markup.plain(markup.without_quotes(html))):
            raise forms.ValidationError(_("A quote alone says nothing new: add a word of your own."))
        letters = [letter for letter in body if letter.isalpha()]
        if len(letters) > 12 and all(letter.isupper() for letter in letters):
            raise forms.ValidationError(_("Capitals alone read as shouting: write it in ordinary letters."))
        return body


def says_something(text):
    return any(unicodedata.category(character) not in UNSEEN_KINDS for character in text)


class CommentForm(CheckedWords):
    """A comment, or a reply if `parent` is the id of what it answers; who posts it sees whether that is there."""

    parent = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=models.BigIntegerField.MAX_BIGINT,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ["invalid", "min_value", "max_value"], _("The comment that you answer is no longer there.")
        ),
    )
    # Made when the form is shown: the same form sent twice makes one comment.
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Two forms may stand on a page, one below the discussion's head and one below a comment.
        parent = str(self["parent"].value() or "")
        if parent.isdecimal():
            self.auto_id = f"id_{parent}_%s"


class EditForm(CheckedWords):
    """Another text for `comment`; revision: of the one that is edited."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, comment, **kwargs):
        super().__init__(*args, auto_id=f"id_{comment.pk}_edit_%s", **kwargs)


def first_words(answering, quote):
    """The initial values of a CommentForm: of a reply to `answering`, if there is one; quote: begin with its words."""
    initial = {"parent": answering and answering.pk}
    if answering and quote and answering.is_published:
        initial["body"] = quoting.as_quote(answering)
    return initial
