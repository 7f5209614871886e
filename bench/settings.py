"""The site's settings as they are, served together with the bare view (bench/wsgi.py)."""

from campaign.settings import *  # noqa: F403

WSGI_APPLICATION = "bench.wsgi.application"
