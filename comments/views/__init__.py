"""What the addresses of the discussion answer, by activity."""

from .editing import edit, history, withdraw
from .featuring import feature
from .posting import create, names, preview, reply
from .reading import live, permalink, read
from .recommending import recommend

__all__ = [
    "create",
    "edit",
    "feature",
    "history",
    "live",
    "names",
    "permalink",
    "preview",
    "read",
    "recommend",
    "reply",
    "withdraw",
]
