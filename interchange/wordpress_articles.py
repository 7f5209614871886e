"""A post or page of WordPress as an article here: who may read it, title, address, text, pictures, byline, topics."""

import re
from collections import Counter
from html import escape

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, Byline
from articles.publishing import save_article
from campaign import markup
from comments.models import Discussion

from .html_tree import file_name
from .models import ImportedRecord
from .names import cut, free_slug
from .pictures import Remote
from .wordpress_filing import Filing
from .wordpress_html import as_caption, picture_addresses, to_html, to_text

KINDS = {"post": Article.Kind.ARTICLE, "page": Article.Kind.PAGE}
# Nothing becomes public here that was not public there, and nothing by itself later.
STATES = {"publish": Article.State.PUBLISHED}
LEFT_OUT = {"private": "private", "trash": "trash", "auto-draft": "trash"}
TITLE = 200  # characters
PICTURES = re.compile(r"<img|\[gallery", re.IGNORECASE)  # without, a text need not be read for them
IMAGE = re.compile(r"\.(jpe?g|png|gif|webp)$", re.IGNORECASE)


def left_out(item):
    """Return why an item is not brought, a word of reports.REASONS, or ""."""
    if item.type not in KINDS:
        return "other"
    return "password" if item.password else LEFT_OUT.get(item.status, "")


class Articles:
    """Makes the articles of one export. survey: what the whole file holds (wordpress.Survey)."""

    def __init__(self, survey, source, report, pictures):
        self.survey, self.source, self.report, self.pictures = survey, source, report, pictures
        self.filing = Filing(survey, source)

    # Reading

    def read(self, item, where):
        """Return the unsaved Article of `item`. Fetches pictures, if that is asked for. Raise markup.TooLong."""
        remotes = self._remotes(item)
        pictures = self.pictures.bring(remotes, where) if remotes else {}
        html, lead, notes = self._body(item, pictures)
        article = Article(
            kind=KINDS[item.type],
            standfirst=cut(to_text(item.excerpt), 600),
            state=STATES.get(item.status, Article.State.DRAFT),
            picture=lead,
            comments_close_after=0,
        )
        article.set_body(html)
        article.title = self._title(item, article, where)
        article.publish_at = self._publish_at(item, article, where)
        for note in notes:
            self.report.leave(note, where)
        if not self.pictures.fetches:
            left = len(remotes) - len(pictures)
            self.report.note(_("pictures that became links; --fetch-images brings them"), where, left)
        return article

    def _publish_at(self, item, article, where):
        now = timezone.now()
        if article.state == Article.State.PUBLISHED:
            if item.published_at is None:
                self.report.note(_("published without a date, dated today"), where)
            return min(item.published_at or now, now)
        # The time that was set is kept for whoever publishes it; a draft's is the day when somebody last saved it.
        return item.published_at if item.status == "future" else None

    def _title(self, item, article, where):
        title = to_text(item.title)
        if not title:
            title = cut(" ".join(markup.plain(article.html).split()), 80) or _("Untitled")
            self.report.note(_("without a title, called by its first words"), where)
        if len(title) > TITLE:
            self.report.note(_("a title longer than %d characters, cut") % TITLE, where)
        return cut(title, TITLE)

    # Text and pictures

    def _convert(self, item, ours=None):
        return to_html(item.content, ours, base=item.link, gallery=self._gallery(item))

    def _body(self, item, pictures):
        """Return the HTML of the text, the lead picture or None, and what had to be left out of the text.

        pictures: {address: Picture}; others become links. So does the lead picture, unless the text shows it too.
        """
        converted = self._convert(item, {address: picture.file.url for address, picture in pictures.items()})
        lead = self.survey.attachments.get(item.thumbnail_id)
        if lead is None or lead.address in pictures:
            return converted.html, lead and pictures[lead.address], converted.notes
        if lead in map(self._original, converted.images):
            return converted.html, None, converted.notes
        text = escape(_("Picture: %s") % (lead.alt or file_name(lead.address)), quote=False)
        link = as_caption(f'<a href="{escape(lead.address)}">{text}</a>')
        return f"{link}\n{converted.html}", None, converted.notes

    def _remotes(self, item):
        """Return the pictures of a text, each once, the lead picture first."""
        lead = self.survey.attachments.get(item.thumbnail_id)
        shown = self._convert(item).images if PICTURES.search(item.content) else ()
        return list(dict.fromkeys([*filter(None, [lead]), *map(self._original, shown)]))

    def _original(self, address):
        """The picture as it was uploaded, of which the address in a text often names a smaller copy."""
        known = self.survey.by_address
        return next((known[one] for one in picture_addresses(address) if one in known), Remote(address))

    def _gallery(self, item):
        """Return what finds the pictures of a [gallery] in `item`: those it lists, or all that were uploaded for it."""

        def pictures(attributes):
            listed = attributes.get("ids") or attributes.get("include")
            numbers = map(int, re.findall(r"\d{1,18}", listed)) if listed else self.survey.children[item.post_id]
            remotes = filter(None, map(self.survey.attachments.get, numbers))
            return [(remote.address, remote.alt) for remote in remotes if IMAGE.search(remote.address)]

        return pictures

    def refresh(self, article, item, where):
        """Give an article of an earlier run the pictures that it lacks. A text that was changed here since stays."""
        remotes = self._remotes(item)
        here = self.pictures.bring(remotes, where, fetches=False)
        shown = {
            address: picture
            for address, picture in here.items()
            if picture.file.url in article.body or picture.pk == article.picture_id
        }
        if len(shown) == len(remotes):
            return
        if article.body != self._body(item, shown)[0]:
            self.report.note(_("changed here since, so its pictures stay links"), where)
            return
        pictures = self.pictures.bring(remotes, where)
        if len(pictures) > len(shown):
            html, lead, _notes = self._body(item, pictures)
            article.set_body(html)
            article.picture = article.picture or lead
            save_article(article)

    # Storing

    def store(self, article, item, key):
        """Save an article that `read` made, with its byline and topics; return what else that made, {"topics": 2}.

        Within the caller's transaction.
        """
        made = Counter()
        article.slug = free_slug(
            item.slug or article.title,
            f"{article.kind}-{item.post_id}",
            Article._meta.get_field("slug").max_length,
            Article,
        )
        save_article(article)
        if item.comment_status == "closed":
            Discussion.objects.filter(pk=article.discussion_id).update(mode=Discussion.Mode.LOCKED)
        if author := self.filing.author(item.creator, made):
            Byline.objects.create(article=article, author=author)
        article.topics.add(*self.filing.topics(item.terms, made))
        # When it last changed over there nobody knows; it was not today.
        Article.objects.filter(pk=article.pk).update(updated_at=article.publish_at or timezone.now())
        ImportedRecord.objects.remember(self.source, "article", {key: article.pk})
        return made
