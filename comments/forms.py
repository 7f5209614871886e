import uuid

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaign import markup

from .models import Comment

MIN_LENGTH, MAX_LENGTH = settings.CAMPAIGN_COMMENT_LENGTH


class CommentForm(forms.Form):
    """A comment, or a reply if `parent` names one of the same discussion."""

    body = forms.CharField(
        label=_("Your comment"),
        min_length=MIN_LENGTH,
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": ""}),
        error_messages={"required": _("Write something first.")},
    )
    parent = forms.ModelChoiceField(
        Comment.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("The comment that you answer is no longer there.")},
    )
    # Made when the form is shown: the same form sent twice makes one comment.
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, discussion, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Comment.objects.filter(discussion=discussion)

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        html = markup.render_comment(body)
        if not markup.plain(markup.without_quotes(html)).strip():
            raise forms.ValidationError(_("A quote alone says nothing new: add a word of your own."))
        letters = [letter for letter in body if letter.isalpha()]
        if len(letters) > 12 and all(letter.isupper() for letter in letters):
            raise forms.ValidationError(_("Capitals alone read as shouting: write it in ordinary letters."))
        return body
