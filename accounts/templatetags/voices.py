from django import template

from accounts.views.voices import featured_voice as find_voice

register = template.Library()


@register.simple_tag
def featured_voice():
    """A short featured comment for the doors of the accounts room, or None. A query."""
    return find_voice()
