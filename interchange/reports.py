"""What an import did, or would do: in numbers for scripts, in words for people."""

from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.models import Article

# Why something of the file is not here, and what it is called in the report.
REASONS = {
    "here": gettext_lazy("articles brought by an earlier run"),
    "here comment": gettext_lazy("comments brought by an earlier run"),
    "deleted": gettext_lazy("articles brought by an earlier run and deleted here since"),
    "deleted comment": gettext_lazy("comments of articles that were deleted here since"),
    "private": gettext_lazy("private articles"),
    "password": gettext_lazy("articles behind a password"),
    "trash": gettext_lazy("articles in the bin, or saved by themselves and never finished"),
    "long": gettext_lazy("articles longer than one may be here"),
    "repeated": gettext_lazy("articles that stand in the file twice"),
    "other": gettext_lazy("entries that are neither posts nor pages"),
    "of left out": gettext_lazy("comments of what was left out"),
    "spam": gettext_lazy("comments marked as spam"),
    "trash comment": gettext_lazy("comments in the bin"),
    "ping": gettext_lazy("pingbacks and trackbacks"),
    "empty comment": gettext_lazy("comments without words"),
    "long comment": gettext_lazy("comments longer than one may be here"),
    "repeated comment": gettext_lazy("comments that stand in the file twice"),
}
EARLIER = {"here", "here comment"}  # not left out: brought before
MESSAGES = 200  # errors told one by one; more are counted


@dataclass
class Report:
    """source: the system that the file comes from. dry_run: nothing was written."""

    source: str
    dry_run: bool = False
    added: Counter = field(default_factory=Counter)  # articles, pages, comments, topics, authors, pictures
    articles: Counter = field(default_factory=Counter)  # added ones, by state
    comments: Counter = field(default_factory=Counter)  # added ones, by state
    skipped: Counter = field(default_factory=Counter)  # by REASONS
    kinds: Counter = field(default_factory=Counter)  # entries that are neither posts nor pages, by their type
    error_count: int = 0
    _notes: dict = field(default_factory=dict)
    _left: dict = field(default_factory=dict)
    _errors: list = field(default_factory=list)

    def add_article(self, article):
        self.added["articles"] += 1
        self.added["pages"] += article.kind == Article.Kind.PAGE
        self.articles[str(article.state)] += 1

    def skip(self, reason, number=1):
        if number:
            self.skipped[reason] += number

    def note(self, what, where="", number=1):
        """Tell that something came otherwise than it was; the same `what` is told once, with the first place."""
        if number:
            count, first = self._notes.get(what, (0, where))
            self._notes[what] = count + number, first

    def leave(self, what, where):
        """Tell that a piece of a text, "block calendar", has no counterpart here. Each kind is told with its first place."""
        first, count = self._left.get(what, (where, 0))
        self._left[what] = first, count + 1

    def error(self, what, where=""):
        """Tell that something did not come although it should have."""
        self.error_count += 1
        if len(self._errors) < MESSAGES:
            self._errors.append(f"{where}: {what}" if where else what)

    @property
    def messages(self):
        """All that was told, in words: errors first, each kind of note once."""
        told = list(self._errors)
        if left := self.error_count - len(told):
            told.append(ngettext("%d more error", "%d more errors", left) % left)
        for what, (count, first) in self._notes.items():
            if count > 1 and first:
                what = _("%(what)s: %(count)d times, first in %(where)s") % {
                    "what": what,
                    "count": count,
                    "where": first,
                }
                told.append(what)
            else:
                told.append(": ".join(filter(None, [first, str(what), str(count) if count > 1 else ""])))
        places = {}
        for what, (where, count) in self._left.items():
            places.setdefault(where, []).append(f"{what} ({count}×)" if count > 1 else what)
        told += [
            _("%(where)s: left out of the text: %(what)s") % {"where": where, "what": ", ".join(kinds)}
            for where, kinds in places.items()
        ]
        return told

    def as_json(self):
        """The report for scripts. `articles` and `comments` are what the database gained; a dry run says what it would."""
        return {
            "source": self.source,
            "dry_run": self.dry_run,
            "articles": self.added["articles"],
            "comments": self.added["comments"],
            "members": 0,  # accounts come from signing up alone
            "petitions": 0,
            "topics": self.added["topics"],
            "authors": self.added["authors"],
            "pictures": self.added["pictures"],
            "skipped": sum(number for reason, number in self.skipped.items() if reason not in EARLIER),
            "errors": self.error_count,
            "messages": self.messages,
            "pages": self.added["pages"],
            "articles_by_state": dict(self.articles),
            "comments_by_state": dict(self.comments),
            "skipped_by_reason": dict(self.skipped),
        }

    def as_text(self):
        """The report for people, lines of words."""
        title = _("Would be imported from %s") if self.dry_run else _("Imported from %s")
        lines = [title % self.source]
        articles, comments = self.added["articles"], self.added["comments"]
        pages = self.added["pages"]
        detail = [
            ngettext("%d page among them", "%d pages among them", pages) % pages if pages else "",
            _("%d published") % self.articles["published"] if articles else "",
            ngettext("%d draft", "%d drafts", self.articles["draft"]) % self.articles["draft"]
            if self.articles["draft"]
            else "",
        ]
        lines.append(row(articles, _("articles"), detail))
        detail = [
            _("%d published") % self.comments["published"] if comments else "",
            _("%d waiting for review") % self.comments["pending"] if self.comments["pending"] else "",
        ]
        lines.append(row(comments, _("comments"), detail))
        lines += [
            row(self.added[name], label)
            for name, label in (("topics", _("topics")), ("authors", _("authors")), ("pictures", _("pictures")))
        ]
        if earlier := [row(self.skipped[r], REASONS[r]) for r in REASONS if r in EARLIER and self.skipped[r]]:
            lines += ["", _("Here already"), *earlier]
        if left := [
            row(self.skipped[r], REASONS[r], self._kinds(r)) for r in REASONS if r not in EARLIER and self.skipped[r]
        ]:
            lines += ["", _("Left out"), *left]
        if self.error_count:
            lines += ["", ngettext("%d error", "%d errors", self.error_count) % self.error_count]
        if messages := self.messages:
            lines += ["", _("Look at these"), *(f"  {message}" for message in messages)]
        return "\n".join(lines)

    def _kinds(self, reason):
        return [f"{kind or '?'} {number}" for kind, number in self.kinds.most_common()] if reason == "other" else []


def row(number, label, detail=()):
    detail = ", ".join(filter(None, detail))
    return f"{number:>9,}  {label}" + (f" ({detail})" if detail else "")
