from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Decision, Rule

FACTS = Decision._meta.get_field("facts").max_length


class DecisionForm(forms.Form):
    """What every decision may say. Approving says nothing more."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self):
        # Line breaks as browsers send them count as one character, as the reader of the text would count.
        cleaned = super().clean()
        if "facts" in cleaned:
            cleaned["facts"] = cleaned["facts"].replace("\r\n", "\n").strip()
        return cleaned


class RuleSelect(forms.RadioSelect):
    """One radio button for each rule, described by the rule's text (moderation/_rules.html prints it)."""

    def create_option(self, *args, **kwargs):
        option = super().create_option(*args, **kwargs)
        option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_text"
        return option


class HideForm(DecisionForm):
    """Which rule a comment breaks, and what its author is told."""

    rule = forms.ModelChoiceField(
        label=_("Which rule does it break?"),
        queryset=Rule.objects.filter(is_active=True),
        widget=RuleSelect,
        empty_label=None,
        error_messages={"required": _("Choose the rule.")},
    )
    facts = forms.CharField(
        label=_("What its author is told"),
        help_text=_("In plain words: what is wrong with this comment. Left empty, it is the text of the rule."),
        max_length=FACTS,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(Field("rule", template="moderation/_rules.html"), "facts")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("rule") and not cleaned.get("facts"):
            cleaned["facts"] = cleaned["rule"].text
        return cleaned


class RestoreForm(DecisionForm):
    """Why a comment comes back."""

    facts = forms.CharField(
        label=_("Why it comes back"),
        help_text=_("Kept with the decision."),
        max_length=FACTS,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ApproveForm(DecisionForm):
    """A pending comment appears; nothing more to say."""
