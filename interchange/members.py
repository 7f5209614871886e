"""Who of another system has an account here."""

from allauth.account.models import EmailAddress

from .models import IDS_AT_ONCE


def members_of(emails):
    """Return {e-mail address: id of the member who verified it here}; addresses as they were given."""
    given = {email.strip().lower(): email for email in emails if email.strip()}
    lowered, found = list(given), {}
    for start in range(0, len(lowered), IDS_AT_ONCE):
        rows = EmailAddress.objects.filter(verified=True, email__in=lowered[start : start + IDS_AT_ONCE])
        found |= {given[email]: member for email, member in rows.values_list("email", "user_id")}
    return found
