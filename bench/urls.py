"""The reference: bytes from memory, no middleware; and a way to make a worker forget what it keeps."""

from functools import cache

from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse
from django.urls import path

from campaign import keeping
from comments import rendering


@cache
def page(name):
    return (settings.DATA_DIR / "bare" / name).read_bytes()


def bare(request, name):
    return HttpResponse(page(name))


def forget(request):
    """Empty all that this process keeps, and the shared cache."""
    keeping.forget_all()
    rendering.pattern.cache_clear()
    rendering.day.cache_clear()
    caches["default"].clear()
    return HttpResponse()


urlpatterns = [path("bare/forget", forget), path("bare/<name>", bare)]
