from django import forms

from .models import Kind, Preference, Way

# The author of a hidden comment is told, whether they like it or not (Regulation (EU) 2022/2065, Article 17).
ALWAYS_SHOWN = {Kind.DECISION}


class PreferenceForm(forms.Form):
    """How a member is told of each kind of thing."""

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.member, self.ways = member, Preference.ways_of(member)
        for kind in Kind:
            ways = [choice for choice in Way.choices if choice[0] != Way.OFF or kind not in ALWAYS_SHOWN]
            self.fields[kind.value] = forms.ChoiceField(label=kind.label, choices=ways, initial=self.ways[kind])

    def save(self):
        """Keep what differs from before."""
        changed = {kind: way for kind, way in self.cleaned_data.items() if way != self.ways[kind]}
        if changed:
            Preference.choose(self.member.pk, changed)
