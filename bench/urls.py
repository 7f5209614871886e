"""The reference: bytes from memory, no middleware."""

from functools import cache

from django.conf import settings
from django.http import HttpResponse
from django.urls import path


@cache
def page(name):
    return (settings.DATA_DIR / "bare" / name).read_bytes()


def bare(request, name):
    return HttpResponse(page(name))


urlpatterns = [path("bare/<name>", bare)]
