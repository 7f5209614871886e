"""One event, one line of JSON. No password, token, session key or mail address belongs in a message."""

import contextvars
import logging

from pythonjsonlogger.json import JsonFormatter as Formatter

request_id = contextvars.ContextVar("request_id", default="")


class RequestFilter(logging.Filter):
    """Give each record the id of the request it belongs to."""

    def filter(self, record):
        record.request_id = request_id.get()
        return True


class JsonFormatter(Formatter):
    """time, level, logger, message, request_id, and what the caller passed as `extra`."""

    def __init__(self):
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
