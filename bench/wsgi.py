"""The site, and beside it a second Django without middleware for everything below /bare/."""

from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings

from campaign.wsgi import application as site


class Bare(WSGIHandler):
    def load_middleware(self, is_async=False):
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def resolve_request(self, request):
        request.urlconf = "bench.urls"
        return super().resolve_request(request)


reference = Bare()


def application(environ, start_response):
    return (reference if environ["PATH_INFO"].startswith("/bare/") else site)(environ, start_response)
