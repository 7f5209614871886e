"""One event, one line of JSON. No password, token, session key or mail address belongs in a message."""

import contextvars
import logging
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from django.db import InterfaceError, OperationalError
from django.urls import Resolver404, resolve
from pythonjsonlogger.json import JsonFormatter as Formatter

request_id = contextvars.ContextVar("request_id", default="")
# The database is away, locked or full: told in one line, its cause is not in our code.
DATABASE_FAULTS = (OperationalError, InterfaceError)
# Parts of an address that open a door to whoever knows them.
SECRET_PARTS = {"key", "token", "uidb36", "signature", "code"}


def shown_path(request):
    """The path as it may stand in a log: percent-encoded, so one line, without the keys of mailed links."""
    return shown(request.path_info)


@lru_cache(maxsize=512)  # a resolver walks through all addresses that there are
def shown(path):
    try:
        match = resolve(path)
    except Resolver404:
        return quote(path)
    for name in SECRET_PARTS & match.kwargs.keys():
        path = path.replace(str(match.kwargs[name]), "…")
    return quote(path, safe="/…:@~")


class RequestFilter(logging.Filter):
    """Give each record the id of the request it belongs to."""

    def filter(self, record):
        record.request_id = request_id.get()
        return True


class OneLineFilter(logging.Filter):
    """Let an event be told once, and without a traceback where it is no fault of the code."""

    def filter(self, record):
        refused = getattr(record, "status_code", 500) < 500
        if record.name == "django.request":
            if refused:
                return False  # the line of campaign.request says it
            if hasattr(record, "request"):
                record.msg, record.args = "fault at %s", (shown_path(record.request),)
        fault = record.exc_info and record.exc_info[1]
        if isinstance(fault, DATABASE_FAULTS):
            record.msg, record.args = "database fault: %s", (str(fault).partition("\n")[0],)
            record.exc_info = record.exc_text = None
        elif refused:
            record.exc_info = record.exc_text = None
        return True


class JsonFormatter(Formatter):
    """time, level, logger, message, request_id, and what the caller passed as `extra`."""

    def __init__(self):
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )

    def formatTime(self, record, datefmt=None):  # noqa: N802  logging's name
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def process_log_record(self, log_data):
        log_data.pop("request", None)  # Django's own records carry the object
        return super().process_log_record(log_data)
