"""Under which topics and bylines the articles of an export stand: those that are here, where they are the same, or new ones."""

from collections import Counter

from django.db.models import Q

from accounts.models import User
from articles.models import Author, Topic

from .members import members_of
from .models import ImportedRecord
from .names import cut, free_slug, printable
from .wordpress_html import to_text

DOMAINS = {"category": "category", "post_tag": "tag"}  # of terms that are topics here: their kind in wxr.Term
POSITIONS = {"category": 100, "tag": 200}  # the first topic of an article stands above its title
NONE = "uncategorized"  # what WordPress files under when nobody files


class Filing:
    """survey: what the whole file holds (wordpress.Survey)."""

    def __init__(self, survey, source):
        self.survey, self.source = survey, source
        self.foreseen = set()

    def topics(self, terms, made):
        """Return the Topics of an item's terms; count new ones in `made`. Within the caller's transaction."""
        names = self._names(terms)
        here = ImportedRecord.objects.found(self.source, "topic", names)
        found = [topic for pk in here.values() if (topic := Topic.objects.filter(pk=pk).first())]
        for key in [key for key in names if key not in here]:
            topic = self._topic_like(key, names[key])
            if topic is None:
                topic = Topic.objects.create(
                    name=names[key],
                    position=POSITIONS[key.partition(":")[0]],
                    slug=free_slug(slug_of(key), "topic", 80, Topic),
                    description=cut(to_text(self.survey.descriptions.get(key, "")), 500),
                )
                made["topics"] += 1
            ImportedRecord.objects.remember(self.source, "topic", {key: topic.pk})
            found.append(topic)
        return found

    def author(self, login, made):
        """Return the Author of a login, None where there is none or an editor deleted it; count a new one in `made`."""
        name = self._author_name(login)
        if not name:
            return None
        if here := ImportedRecord.objects.found(self.source, "author", [login]):
            return Author.objects.filter(pk=here[login]).first()
        user = self._member(login)
        author = self._author_like(name, user)
        if author is None:
            author = Author.objects.create(name=name, slug=free_slug(name, "author", 80, Author), user=user)
            made["authors"] += 1
        ImportedRecord.objects.remember(self.source, "author", {login: author.pk})
        return author

    def foresee(self, item):
        """Return what `topics` and `author` would make for `item`, after all items before it. Writes nothing."""
        made = Counter()
        names = self._names(item.terms)
        here = ImportedRecord.objects.found(self.source, "topic", names)
        for key in [key for key in names if key not in here]:
            alike = {("topic", names[key].casefold()), ("topic", slug_of(key))}
            made["topics"] += not (alike & self.foreseen or self._topic_like(key, names[key]))
            self.foreseen |= alike
        login, new = item.creator, ("author", item.creator)
        if self._author_name(login) and new not in self.foreseen:
            self.foreseen.add(new)
            brought = ImportedRecord.objects.found(self.source, "author", [login])
            made["authors"] += not (brought or self._author_like(self._author_name(login), self._member(login)))
        return made

    def _names(self, terms):
        """Return {key: name} of the terms that are topics here. A key is as in "tag:news"."""
        return {
            f"{DOMAINS[domain]}:{slug}": printed
            for domain, slug, name in terms
            if domain in DOMAINS and slug != NONE and (printed := printable(to_text(name), 60))
        }

    def _topic_like(self, key, name):
        return Topic.objects.filter(Q(name__iexact=name) | Q(slug=slug_of(key))).first()

    def _author_name(self, login):
        _email, name = self.survey.authors.get(login, ("", login))
        return printable(to_text(name), 80) or printable(login, 80)

    def _member(self, login):
        """The member with the e-mail address of a login, if they have verified it here."""
        email, _name = self.survey.authors.get(login, ("", ""))
        return User.objects.filter(pk__in=members_of([email]).values()).first()

    def _author_like(self, name, user):
        """The Author that is this very person: of the member, or of the same name without an account."""
        if user:
            return Author.objects.filter(user=user).first()
        # Two people of one name in one export are two.
        brought = ImportedRecord.objects.filter(source=self.source, kind="author").values("object_id")
        return Author.objects.filter(name=name, user=None).exclude(pk__in=brought).first()


def slug_of(key):
    return key.partition(":")[2]
