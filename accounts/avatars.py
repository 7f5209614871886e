"""A member's picture: its files are there before a row names them, and go once no row does."""

import time
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.db import transaction

from campaign import images

from .models import User

FOLDER = "avatars"
UNNAMED_FOR = 3_600  # seconds until a file that no row names is one that a dead process left
AT_ONCE = 500


@contextmanager
def stored(made):
    """Store the files of an `images.Avatar` and give the name for a row; they go again where that is not saved.

    made: None gives "". Writing takes a moment: enter it before the transaction. Raise images.BadPicture.
    """
    name = made.write(FOLDER) if made else ""
    try:
        yield name
    except BaseException:
        images.remove_avatar(name)
        raise


def forget(name):
    """Delete the files of an avatar that no row names any more, once that is committed. name: "" for none."""
    if name:
        transaction.on_commit(partial(images.remove_avatar, name), robust=True)


def sweep():
    """Delete files of avatars that no row names, because a process died. Return how many went. `run_due` calls it."""
    try:
        _folders, found = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    swept = 0
    for start in range(0, len(found), AT_ONCE):
        swept += sum(map(swept_away, unnamed(found[start : start + AT_ONCE])))
    return swept


def unnamed(files):
    """Of these names of files, those whose avatar is nobody's."""
    avatars = {file: f"{FOLDER}/{PurePosixPath(file).name[:32]}.webp" for file in files}
    named = set(User.objects.filter(avatar__in=set(avatars.values())).values_list("avatar", flat=True))
    return [f"{FOLDER}/{file}" for file, avatar in avatars.items() if avatar not in named]


def swept_away(file):
    """Delete a file if it is old enough. Return whether it went."""
    try:
        if time.time() - default_storage.get_modified_time(file).timestamp() < UNNAMED_FOR:
            return False
        default_storage.delete(file)
    except OSError:  # another process was faster
        return False
    return True
