"""Comments of another system into a discussion here: threads whole, parents first, in few statements.

What it writes is what `comments.posting` would have written one by one, without its limits and without telling anybody.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from campaign import markup
from comments import posting, states
from comments.models import Comment, Discussion, State

from .comment_markdown import comment_to_markdown
from .models import IDS_AT_ONCE, ImportedRecord

BATCH = 1_000  # comments in one transaction: while it lasts nobody else writes to SQLite


@dataclass(frozen=True, slots=True)
class Incoming:
    """A comment as another system has it.

    key: its name there; parent: the key of what it answers, "" for none. left_out: why it is not brought, a word of
    reports.REASONS, or "": it is given all the same, so that replies find what stands above it.
    author_id: a member here; name: of a guest. html: as shown there, not safe. state: of comments.State.
    """

    key: str
    parent: str
    left_out: str
    author_id: int | None
    name: str
    posted_at: datetime
    html: str
    state: str


class Loader:
    """Brings the comments of one discussion: `batches` reads and converts, `insert` writes. A dry run does without the latter.

    comments: all that the file has, left out or not. source: see ImportedRecord. where: names the discussion in the
    report. earlier: an earlier run may have brought some of them.
    """

    def __init__(self, comments, *, source, report, where, earlier):
        self.source, self.report, self.where = source, report, where
        self.by_key = {comment.key: comment for comment in comments}
        keys = {comment.key for comment in comments if not comment.left_out}
        parents = {comment.parent for comment in comments} - {""}
        # {key: id} of what is here: a part of the file, or of another file of the same site.
        self.ids = ImportedRecord.objects.found(source, "comment", keys | parents) if earlier else {}
        for comment in comments:
            if comment.left_out:
                report.skip(comment.left_out)
        report.skip("here comment", len(keys & self.ids.keys()))
        self.above = self._above([c for c in comments if not c.left_out and c.key not in self.ids])
        self.coming = Counter(self.above.values())  # how many are still to come under each
        self.dropped = {}  # {key: what its replies stand under instead}
        self.places = {}  # {key: stored Comment} of those under which more are to come

    # The tree

    def _above(self, comments):
        """Return {key: key of the nearest comment above it that is or will be here, or ""}, without circles."""
        resolved = {}
        above = {comment.key: self._nearest(comment, resolved) for comment in comments}
        finished = set()
        for key in above:
            path = {}  # the keys alone, in order
            while key in above and key not in finished and key not in path:
                path[key] = None
                key = above[key]
            if key in path:  # they answer one another in a circle: the oldest begins the thread
                order = list(path)
                first = min(order[order.index(key) :], key=lambda one: self.by_key[one].posted_at)
                above[first] = ""
                self.report.note(_("replies in a circle, which was opened at its oldest comment"), self.where)
            finished.update(path)  # in place: |= would copy it
        return above

    def _nearest(self, comment, resolved):
        """The key of the nearest comment above `comment` that is not left out; resolved: what is known of left-out ones."""
        key, passed = comment.parent, {}
        while key and key not in resolved and key not in passed:
            parent = self.by_key.get(key)
            if key in self.ids:
                break
            if parent is None:
                self.report.note(_("replies to a comment that is not in the file, which begin threads now"), self.where)
                key = ""
            elif not parent.left_out:
                break
            else:
                passed[key] = None
                key = parent.parent
        key = "" if key in passed else resolved.get(key, key)
        resolved.update(dict.fromkeys(passed, key))
        left_out = comment.parent and self.by_key.get(comment.parent)
        if left_out and left_out.left_out:
            self.report.note(
                _("replies to a comment that was left out, which stand under the one above it now"), self.where
            )
        return key

    def _threads(self):
        """Yield [key] of each new thread, oldest first, parents before their replies; replies to what is here likewise."""
        below = defaultdict(list)
        for key in sorted(self.above, key=lambda one: self.by_key[one].posted_at):
            below[self.above[key]].append(key)
        starts = [[key] for key in below.pop("", [])]
        starts += [below.pop(key) for key in [key for key in below if key in self.ids]]
        for thread in starts:
            for key in thread:  # grows while it is read
                thread += below.pop(key, [])
            yield thread

    def _portions(self):
        """Yield [key], at most BATCH: threads whole, unless one is larger than that."""
        portion = []
        for thread in self._threads():
            for start in range(0, len(thread), BATCH):
                piece = thread[start : start + BATCH]
                if portion and len(portion) + len(piece) > BATCH:
                    yield portion
                    portion = []
                portion += piece
        if portion:
            yield portion

    # Reading

    def batches(self):
        """Yield {key: unsaved Comment} for `insert`, one batch after the other. Writes nothing."""
        for portion in self._portions():
            batch = {}
            for key in portion:
                above = self.above[key]
                self.above[key] = self.dropped.get(above, above)
                if comment := self._made(self.by_key[key]):
                    batch[key] = comment
                else:
                    self._drop(key)
            if batch:
                yield batch

    def _made(self, incoming):
        body = comment_to_markdown(incoming.html)
        try:
            html = markup.render_comment(body)
        except markup.TooLong:
            self.report.error(_("a comment of %d characters, longer than one may be here") % len(body), self.where)
            self.report.skip("long comment")
            return None
        if not markup.plain(html).strip():
            self.report.skip("empty comment")
            return None
        return Comment(
            author_id=incoming.author_id,
            guest_name="" if incoming.author_id else incoming.name,
            body=body,
            html=html,
            markup_version=markup.VERSION,
            state=incoming.state,
            posted_at=incoming.posted_at,
        )

    def _drop(self, key):
        """Let replies to a comment that cannot come stand under the one above it."""
        above = self.dropped[key] = self.above.pop(key)
        self.coming[above] += self.coming.pop(key, 0) - 1

    def count(self, batch):
        """Tell the report that a batch is here, or would be."""
        self.report.added["comments"] += len(batch)
        self.report.comments.update(str(comment.state) for comment in batch.values())

    # Writing

    @transaction.atomic
    def insert(self, batch, discussion):
        """Store a batch: rows, what they are called elsewhere, the counts above them, and last the discussion's."""
        self._find_places(batch)
        # As a post and a decision do: ancestors first, in id order. Those of this batch nobody else sees yet.
        outside = [self.places[above] for above in {self.above[key] for key in batch} if above in self.places]
        states.lock({pk for comment in outside for pk in (*comment.ancestor_ids, comment.pk)})
        for wave in self._waves(batch):
            self._store(wave, batch, discussion)
        ImportedRecord.objects.remember(self.source, "comment", {key: c.pk for key, c in batch.items()})
        published = [comment for comment in batch.values() if comment.state == State.PUBLISHED]
        add_descendants(Counter(pk for comment in published for pk in comment.ancestor_ids))
        Discussion.objects.filter(pk=discussion.pk).show_anew(comment_count=F("comment_count") + len(published))
        self._forget(batch)

    def _find_places(self, batch):
        """Read the comments of earlier runs that this batch stands under. One that is gone leaves its replies a thread."""
        wanted = {self.above[key] for key in batch} - self.places.keys()
        ids = {self.ids[key]: key for key in wanted if key in self.ids}
        pks = list(ids)
        for start in range(0, len(pks), IDS_AT_ONCE):
            for comment in Comment.objects.filter(pk__in=pks[start : start + IDS_AT_ONCE]).defer("body", "html"):
                self.places[ids[comment.pk]] = comment

    def _waves(self, batch):
        """Return [[key]]: each wave stands under what is stored before it."""
        generation, waves = {}, []
        for key in batch:
            number = generation[key] = generation.get(self.above[key], -1) + 1
            if number == len(waves):
                waves.append([])
            waves[number].append(key)
        return waves

    def _store(self, wave, batch, discussion):
        for key in wave:
            comment = batch[key]
            comment.discussion_id = discussion.pk
            place = posting.place(self.places.get(self.above[key]))
            if place:
                place["parent_id"] = place.pop("parent").pk  # holding on to it would hold on to the whole chain
            vars(comment).update(place)
        Comment.objects.bulk_create([batch[key] for key in wave])
        self.places.update((key, batch[key]) for key in wave)

    def _forget(self, batch):
        """Keep what later batches stand under, and of that the place alone."""
        for key in batch:
            self.coming[self.above[key]] -= 1
        for key in [key for key in self.places if self.coming[key] <= 0]:
            del self.places[key]
        for comment in self.places.values():
            comment.body = comment.html = ""


def add_descendants(numbers):
    """Add to what is counted below comments. numbers: {id: how many}; equal ones share a statement."""
    alike = defaultdict(list)
    for pk, number in numbers.items():
        alike[number].append(pk)
    for number, pks in alike.items():
        for start in range(0, len(pks), IDS_AT_ONCE):
            Comment.objects.filter(pk__in=pks[start : start + IDS_AT_ONCE]).update(
                descendant_count=F("descendant_count") + number
            )
