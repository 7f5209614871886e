#!/usr/bin/env python
"""The command line of the site: `manage.py help` lists what it can do."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campaign.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  reads the settings
    except (ImproperlyConfigured, EnvError) as error:
        sys.exit(f"Wrong settings: {error}")
    execute_from_command_line(sys.argv)
