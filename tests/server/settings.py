"""The site's settings as they are, but for limits that would stop a load test and its slow passwords."""

from campaign.settings import *  # noqa: F403

CAMPAIGN_COMMENT_RATES = [(1_000_000, 60)]
CAMPAIGN_NEW_MEMBER_RATES = []
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
