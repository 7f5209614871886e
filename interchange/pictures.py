"""Pictures of another system, fetched when asked to and made anew as all pictures here."""

import io
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from articles.models import Picture
from campaign import images

from . import fetching
from .html_tree import file_name
from .models import ImportedRecord
from .names import cut


@dataclass(frozen=True, slots=True)
class Remote:
    """A picture elsewhere. alt, caption: plain text, "" for none."""

    address: str
    alt: str = ""
    caption: str = ""


class Pictures:
    """The pictures of one source. fetches: may those that are not here yet be fetched?"""

    def __init__(self, source, report, fetches):
        self.source, self.report, self.fetches = source, report, fetches
        self.failed = set()

    def bring(self, remotes, where, fetches=None):
        """Return {address: Picture} of those that are here, or may be fetched and can be. Not within a transaction.

        where: names the article in the report. fetches: other than usual.
        """
        fetches = self.fetches if fetches is None else fetches
        ids = ImportedRecord.objects.found(self.source, "picture", {remote.address for remote in remotes})
        rows = Picture.objects.in_bulk(ids.values())
        found = {address: rows[pk] for address, pk in ids.items() if pk in rows}
        for remote in remotes if fetches else ():
            if remote.address in ids or remote.address in found or remote.address in self.failed:
                continue
            if picture := self._fetched(remote, where):
                found[remote.address] = picture
        return found

    def _fetched(self, remote, where):
        try:
            content, _address = fetching.fetch(remote.address)
            made = images.reencode(io.BytesIO(content))
            return self._stored(remote, made, made.write())
        except (fetching.NotFetched, images.BadPicture) as error:
            self.failed.add(remote.address)
            why = " ".join(error.messages) if isinstance(error, images.BadPicture) else error
            self.report.error(_("picture %(address)s: %(why)s") % {"address": remote.address, "why": why}, where)
            return None

    def _stored(self, remote, made, name):
        picture = Picture(
            alt=cut(remote.alt or file_name(remote.address), 300),
            caption=cut(remote.caption, 400),
            credit=cut(_("Imported from %s") % (urlsplit(remote.address).hostname or self.source), 200),
        )
        try:
            images.take(picture, made, name)
            with transaction.atomic():
                picture.save()
                ImportedRecord.objects.remember(self.source, "picture", {remote.address: picture.pk})
        except BaseException:
            images.remove(name, made.widths)
            raise
        self.report.added["pictures"] += 1
        return picture
