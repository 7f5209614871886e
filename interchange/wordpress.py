"""WordPress exports, brought here: the whole file is read once to see that it is sound, and once more to import it.

An item is one transaction, its comments included; a very long discussion is several, each leaving everything consistent. What
is here already is known by its ImportedRecord, so that a run may be repeated, and goes on where one was killed.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article
from campaign import markup

from . import wxr
from .comment_loading import Loader
from .models import ImportedRecord
from .names import cut
from .pictures import Pictures, Remote
from .reports import Report
from .wordpress_articles import KINDS, Articles, left_out
from .wordpress_comments import incoming
from .wordpress_html import to_text
from .wxr_reader import read


class Silence:
    """Progress that nobody watches; the command gives a bar of tqdm instead."""

    def __init__(self, description, total, unit):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def update(self, number):
        pass


def import_export(file, *, source="", dry_run=False, fetch_images=False, progress=Silence):
    """Import a WordPress export and return the Report. Raise wxr.BrokenExport, with nothing written, where it is not sound.

    file: an open file, binary, one that can seek. source: a name for the site instead of its address (ImportedRecord).
    dry_run: write nothing, report what would be. fetch_images: fetch pictures from the old site; else they become links.
    progress: makes a context whose `update` is told how much was done; given description, total and unit.
    """
    survey = Survey.of(file, progress)
    source = source or survey.source or Path(str(getattr(file, "name", "export"))).name
    report = Report(cut(source, 200), dry_run)
    report.note(_("control characters, which XML does not allow, were left out"), number=survey.channel.dropped)
    with progress(_("Importing"), survey.work, "") as bar:
        run = Import(survey, report, fetch_images and not dry_run, bar)
        for item in read(file):
            if isinstance(item, wxr.Item):
                run.bring(item)
    return report


@dataclass
class Survey:
    """What must be known of a whole export before its first article: what stands at its end, or is told by number.

    authors: {login: (e-mail address, name)}. descriptions: of topics, by keys as in "tag:news". attachments:
    {number: Remote}; by_address the same; children: {number of a post: [numbers of its pictures]}. work: articles and
    comments, for the progress.
    """

    channel: wxr.Channel = None
    authors: dict = field(default_factory=dict)
    descriptions: dict = field(default_factory=dict)
    attachments: dict = field(default_factory=dict)
    by_address: dict = field(default_factory=dict)
    children: dict = field(default_factory=lambda: defaultdict(list))
    work: int = 0

    @classmethod
    def of(cls, file, progress=Silence):
        """Read a file to its end. Raise wxr.BrokenExport."""
        survey, done = cls(), 0
        with progress(_("Checking the file"), file.seek(0, 2), "B") as bar:

            def update(position, _size):
                nonlocal done
                bar.update(position - done)
                done = position

            for part in read(file, update):
                survey.take(part)
        return survey

    def take(self, part):
        if isinstance(part, wxr.Channel):
            self.channel = part
        elif isinstance(part, wxr.Author):
            self.authors.setdefault(part.login, (part.email, part.name))
        elif isinstance(part, wxr.Term):
            if part.description:
                self.descriptions[f"{part.kind}:{part.slug}"] = part.description
        elif part.type == "attachment" and part.attachment_url:
            remote = Remote(part.attachment_url, to_text(part.alt) or to_text(part.title), to_text(part.excerpt))
            self.attachments[part.post_id] = self.by_address[remote.address] = remote
            if part.parent:
                self.children[part.parent].append(part.post_id)
        elif part.type in KINDS:
            self.work += 1 + len(part.comments)

    @property
    def source(self):
        """The site's address without what may change while it stays the same: "old.example/blog"."""
        parts = urlsplit(self.channel.address)
        return f"{parts.netloc.lower()}{parts.path.rstrip('/')}"


class Import:
    """One run over the items of an export."""

    def __init__(self, survey, report, fetches, bar):
        self.report, self.source, self.bar = report, report.source, bar
        self.articles = Articles(survey, self.source, report, Pictures(self.source, report, fetches))
        self.fetches = fetches
        self.keys = set()  # of items of this file

    def bring(self, item):
        """Bring an item and its comments, or tell the report why not."""
        reason = left_out(item)
        if item.type in KINDS:
            self.bar.update(1)
        if reason == "other":
            self.report.kinds[item.type] += 1
        key = "" if reason else self._key(item)
        if reason or not key:
            return self._leave_out(item, reason or "repeated")
        try:
            return self._bring(item, key, place(item))
        except (IntegrityError, DataError) as error:  # its transaction is undone; the others are sound
            return self.report.error(str(error).strip(), place(item))

    def _key(self, item):
        """Return the name of an item over there, "" if it is in the file for the second time."""
        key = str(item.post_id or "") or item.guid or item.link
        if not key or key in self.keys:  # exports made by hand give one number to several
            text = item.type, item.slug, item.title, item.content
            key += f"-{sha256(repr(text).encode()).hexdigest()[:16]}"
        if key in self.keys:
            return ""
        self.keys.add(key)
        return key

    def _leave_out(self, item, reason, comments="of left out"):
        self.report.skip(reason)
        self.report.skip(comments, len(item.comments))
        if item.type in KINDS:
            self.bar.update(len(item.comments))

    def _bring(self, item, key, where):
        here = ImportedRecord.objects.found(self.source, "article", [key])
        article = Article.objects.filter(pk=here[key]).first() if here else None
        if here and article is None:
            return self._leave_out(item, "deleted", "deleted comment")
        if not here:
            try:
                article = self.articles.read(item, where)
            except markup.TooLong:
                self.report.error(
                    _("longer than %d characters, which an article may not be") % markup.MAX_ARTICLE, where
                )
                return self._leave_out(item, "long")
        elif self.fetches:
            self.articles.refresh(article, item, where)
        comments = Loader(
            incoming(item, key, source=self.source, posted_at=article.publish_at or timezone.now(), report=self.report),
            source=self.source,
            report=self.report,
            where=where,
            earlier=bool(here),
        )
        return self._write(item, key, article, comments, new=not here)

    def _write(self, item, key, article, comments, new):
        """Store an article and its comments, the first portion of them together with it."""
        batches = comments.batches()
        batch = next(batches, {})
        made = Counter()
        if not self.report.dry_run:
            with transaction.atomic():
                if new:
                    made = self.articles.store(article, item, key)
                if batch:
                    comments.insert(batch, article.discussion)
        elif new:
            made = self.articles.filing.foresee(item)
        self.report.added.update(made)
        if new:
            self.report.add_article(article)
        else:
            self.report.skip("here")
        done = 0
        while batch:
            comments.count(batch)
            self.bar.update(len(batch))
            done += len(batch)
            batch = next(batches, {})
            if batch and not self.report.dry_run:
                comments.insert(batch, article.discussion)
        self.bar.update(len(item.comments) - done)


def place(item):
    """Return where an item stands in the file, for the report: “Its title” (line 12)."""
    line, title = _("line %d") % item.line, cut(to_text(item.title), 60)
    return f"“{title}” ({line})" if title else line
