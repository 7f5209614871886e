from django.apps import AppConfig


class CampaignConfig(AppConfig):
    name = "campaign"

    def ready(self):
        from . import checks  # noqa: F401  registers the system checks
