"""Files that the site keeps of what people send or ask for: under random names, whole or not at all."""

import contextlib
import os
import secrets
from pathlib import Path

from django.core.files.storage import default_storage


def write(folder, contents):
    """Store files under one new random name below MEDIA_ROOT; return the name of the first, as a FileField keeps it.

    contents: {end of the name, ".webp": bytes}. When one cannot be written none is left. Raise OSError.
    """
    stem = f"{folder}/{secrets.token_hex(16)}"
    try:
        for end, content in contents.items():
            write_whole(Path(default_storage.path(stem + end)), content)
    except BaseException:
        remove(stem, contents)
        raise
    return stem + next(iter(contents))


def remove(stem, ends):
    """Delete the files `stem` + each of `ends`; those that are not there do not matter."""
    for end in ends:
        with contextlib.suppress(OSError):
            default_storage.delete(stem + end)


def write_whole(path, content):
    """Write a file beside its place and move it there: whoever reads `path` finds all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
