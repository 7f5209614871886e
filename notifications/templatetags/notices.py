from django import template

from .. import inbox

register = template.Library()


@register.simple_tag
def unread_notifications(user):
    """{"count": how many notifications `user`, a member, has not read; "shown": the same in few characters}."""
    count = inbox.unread_count(user)
    return {"count": min(count, inbox.MANY), "shown": f"{inbox.MANY}+" if count > inbox.MANY else count}
