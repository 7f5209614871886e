"""Template tags of all rooms, built into every template."""

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext

register = template.Library()


@register.simple_tag
def icon(name, directional=False):
    """An icon of static/icons.svg, hidden from screen readers. directional: it flips in right-to-left languages."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        " dir" if directional else "",
        static("icons.svg"),
        name,
    )


@register.inclusion_tag("_avatar.html")
def avatar(user, size=""):
    """The picture of a member, else initials on one of 12 hues. user: a User, or None with a guest; size: "", "s", "l"."""
    picture = ""
    if user and user.avatar:  # campaign.images.AVATARS names its files
        picture = user.avatar.url.removesuffix(".webp") + ("-256" if size == "l" else "")
    return {"user": user, "size": size, "picture": picture, "side": 256 if size == "l" else 96}


@register.simple_tag(takes_context=True)
def return_here(context):
    """The query that leads back to this page, "?next=…"; empty on the account pages and where `no_return` is set."""
    path = context["request"].path if "request" in context else "/accounts/"
    if context.get("no_return") or path.startswith("/accounts/"):
        return ""
    return f"?{urlencode({'next': path})}"


@register.filter
def unprompted(field):
    """A form field without the placeholder that it brought: our labels and hints stay in view while one types."""
    field.field.widget.attrs.pop("placeholder", None)
    return field


@register.filter
def page_numbers(page):
    """The numbers to link from a page of a list, with "…" for those left out: 1 … 4 5 6 … 18."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def trusted(html):
    """Print HTML that campaign/markup.py made, as it stands. Nothing else may pass through here."""
    return mark_safe(html)  # noqa: S308  sanitised on the way in


@register.filter
def ago(when, now=None):
    """A moment in words, rounded as a person would: "just now", "10 minutes ago", "yesterday", "7 years ago"."""
    seconds = max(0, int(((now or timezone.now()) - when).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 1:
        return gettext("just now")
    if hours < 1:
        # In steps of five, so that a page kept for some minutes stays true.
        shown = minutes if minutes < 5 else minutes // 5 * 5
        return ngettext("%d minute ago", "%d minutes ago", shown) % shown
    if days < 1:
        return ngettext("%d hour ago", "%d hours ago", hours) % hours
    if days == 1:
        return gettext("yesterday")
    if days < 14:
        return ngettext("%d day ago", "%d days ago", days) % days
    if days < 60:
        return ngettext("%d week ago", "%d weeks ago", days // 7) % (days // 7)
    if days < 730:
        return ngettext("%d month ago", "%d months ago", days // 30) % (days // 30)
    return ngettext("%d year ago", "%d years ago", days // 365) % (days // 365)
