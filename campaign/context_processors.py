"""What every template may print."""

from django.conf import settings


def site(request):
    """The site's name and address, the theme that the reader chose ("light", "dark" or ""), and this page's address."""
    return {
        "site_name": settings.CAMPAIGN_SITE_NAME,
        "site_tagline": settings.CAMPAIGN_TAGLINE,
        "site_url": settings.SITE_URL,
        "theme": theme(request),
    }


def theme(request):
    """The theme that the reader chose, in this browser or else in their account: "light", "dark", or "" to follow the system."""
    user = getattr(request, "user", None)
    chosen = request.COOKIES.get("theme") or (user.theme if user and user.is_authenticated else "")
    return chosen if chosen in ("light", "dark") else ""
