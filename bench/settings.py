"""The site's settings as they are, served together with the bare view (bench/wsgi.py), without the limits on posting."""

from campaign.settings import *  # noqa: F403

WSGI_APPLICATION = "bench.wsgi.application"
# Looked up as often as on any site, and never reached.
CAMPAIGN_COMMENT_RATES = [(1_000_000, 60), (1_000_000, 3_600)]
CAMPAIGN_NEW_MEMBER_RATES = [(1_000_000, 3_600)]
CAMPAIGN_NEW_MEMBER_RATES = []
