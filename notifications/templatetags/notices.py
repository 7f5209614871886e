from django import template

from .. import inbox

register = template.Library()


@register.simple_tag
def unread_notifications(user):
    """What inbox.unread() says of `user`, a member. A page's shell (articles/shell.py) has marks there, and no member."""
    return getattr(user, "unread", None) or inbox.unread(user)
