from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LengthValidator:
    """Passwords are long enough for what they open, and short enough to be hashed at once. No rule on what they hold."""

    def __init__(self, member=8, staff=12, longest=128):
        self.member, self.staff, self.longest = member, staff, longest

    def validate(self, password, user=None):
        least = self.staff if user is not None and user.is_staff else self.member
        if len(password) < least:
            raise ValidationError(_("Use %(least)d characters or more.") % {"least": least}, code="password_too_short")
        if len(password) > self.longest:
            raise ValidationError(
                _("Use %(longest)d characters at most.") % {"longest": self.longest}, code="password_too_long"
            )

    def get_help_text(self):
        return _("%(member)d characters or more; %(staff)d for staff.") % {"member": self.member, "staff": self.staff}


class SiteNameValidator:
    """The name of the site is the first guess of whoever guesses here: it makes no password, nor with a year behind it."""

    LEFT = 6  # characters that must be there besides

    def validate(self, password, user=None):
        bare = "".join(filter(str.isalnum, password.casefold()))
        names = [settings.CAMPAIGN_SITE_NAME.casefold(), *urlsplit(settings.SITE_URL).hostname.split(".")]
        left = bare
        for name in names:
            name = "".join(filter(str.isalnum, name))
            left = left.replace(name, "") if len(name) > 3 else left  # not "www" or "org"
        if left != bare and len(left) < self.LEFT:
            raise ValidationError(
                _("This is little more than the name of the site. Choose other words."), code="site_name"
            )

    def get_help_text(self):
        return _("Not the name of the site.")
