"""Comments in reading order. A page is three queries in every shape and size, and at most WINDOW comments.

Roots come by key, never by OFFSET; the first replies of all of them in one statement, with what is featured; then the
rows, which a dictionary puts in order. What is listed, and every sort key, is a generated column (models.py), so nothing here
counts, ranks or walks a tree in the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from campaign.prepared import IdsField, Prepared

from . import orders
from .models import FLOOR, UNSEEN, Comment, State
from .orders import DEFAULT_SORT, heads, time_key

ROOTS, REPLIES, NESTED = 20, 3, 2  # on a page; below each root; below each reply
MORE = 20  # replies in the view of one comment
WINDOW = 200  # no page renders more
LEVELS = 4  # indents; deeper replies stay in the last one and say whom they answer

FEATURED = 5  # in the block above a discussion
# What pages print or ask of a comment.
PRINTED = (
    "discussion parent under thread depth above guest_name html state hidden_under posted_at edited_at "
    "state_changed_at featured_at descendant_count recommend_count shown_at "
    "author__handle author__display_name author__shows_full_name author__avatar author__is_staff"
).split()


@dataclass
class Node:
    """A comment in its place on one page."""

    comment: Comment
    level: int = 0  # of indent, 0 to LEVELS
    replies: list = field(default_factory=list)  # nodes below it, in order
    more: int = 0  # listed replies that the page leaves out
    after: str = ""  # key of its last reply on the page
    answers_id: int | None = None  # whom it answers, where the indent does not show it
    answers: Comment | None = None
    closes: list = field(default_factory=list)  # nodes whose list of replies ends with this one

    is_readable: bool = True  # may this viewer read its text? Else a tombstone stands in its place

    @property
    def opens(self):
        """Does a list of replies of its own begin below it? At the last level they follow in the same list."""
        return bool(self.replies) and self.level < LEVELS


@dataclass
class Page:
    """What a template needs of one page: `nodes` in document order, `next` the key of the next page or ""."""

    nodes: list
    next: str = ""
    featured: Sequence = ()  # the comments of the block above them, the last featured first

    def __contains__(self, pk):
        return any(node.comment.pk == pk for node in self.nodes)


# Statements -----------------------------------------------------------------------------------------------------------
LISTED_BELOW = "SELECT id FROM comments_comment WHERE under_id = {} AND shown_at > %s ORDER BY shown_at, id LIMIT {}"
UNSEEN_BELOW = (
    "SELECT id FROM comments_comment WHERE under_id = {} AND shown_at IS NULL AND state IN ('pending', 'hidden') "
    "ORDER BY shown_at, id LIMIT {}"
)
LAST_FEATURED = (
    "SELECT id, 1 FROM (SELECT id FROM comments_comment WHERE discussion_id = %s AND state = 'published' "  # noqa: S608  a number of our own
    f"AND featured_at > %s ORDER BY featured_at DESC, id DESC LIMIT {FEATURED}) f"
)
UNSEEN_ROOTS = (
    "SELECT id FROM (SELECT id FROM comments_comment WHERE discussion_id = %s AND parent_id IS NULL AND shown_at IS NULL "
    "AND state IN ('pending', 'hidden') ORDER BY shown_at DESC, id DESC LIMIT %s) r"
)


def below(name, choice, parent, number):
    """SQL that joins to a row of `parent` the first `number` of `choice` below it, under `name`.

    The ORM can say this only as one subquery per place, which costs more to write than to run.
    """
    chosen = choice.format(f"{parent}.id", number)
    if connection.vendor == "postgresql":
        return f"CROSS JOIN LATERAL ({chosen}) {name}"
    return f"CROSS JOIN comments_comment {name} ON {name}.id IN ({chosen})"  # SQLite's keeps the order of the loops


def values_of(ids):
    return ", ".join(["(%s)"] * len(ids))


def replies_below(parents, replies, nested):
    """SQL for the ids of the first `replies` below each of `parents`, and of the first `nested` below each of those."""
    return (
        f"WITH h(id) AS (VALUES {values_of(parents)}), "  # noqa: S608  numbers and names of our own
        f"b AS (SELECT x.id FROM h {below('x', LISTED_BELOW, 'h', replies)}) "
        f"SELECT id, 0 FROM b UNION ALL SELECT y.id, 0 FROM b {below('y', LISTED_BELOW, 'b', nested)}",
        [*parents, *[connection.ops.adapt_datetimefield_value(FLOOR)] * 2],
    )


def first_replies(parents, replies=REPLIES, nested=NESTED):
    """Ids of the first `replies` below each of `parents`, and of the first `nested` below each of those: one statement."""
    if not parents:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*replies_below(parents, replies, nested))
        return [pk for pk, _which in cursor.fetchall()]


def first_replies_and_featured(discussion, roots):
    """Return (ids of the first replies below `roots`, ids of the block above them), in the same one statement."""
    if not roots:
        return [], []
    sql, values = replies_below(roots, REPLIES, NESTED)
    found = ([], [])
    with connection.cursor() as cursor:
        floor = connection.ops.adapt_datetimefield_value(FLOOR)
        cursor.execute(f"{sql} UNION ALL {LAST_FEATURED}", [*values, discussion.pk, floor])
        for pk, which in cursor.fetchall():
            found[which].append(pk)
    return found


def unseen(parents, discussion, roots):
    """A condition on ids: the first REPLIES below each of `parents` that wait or were hidden and hold no visible reply,
    and the newest `roots` such comments of the discussion's top level."""
    parents = parents or [0]
    return RawSQL(  # noqa: S611  numbers and names of our own
        f"WITH h(id) AS (VALUES {values_of(parents)}) "  # noqa: S608
        f"SELECT x.id FROM h {below('x', UNSEEN_BELOW, 'h', REPLIES)} UNION ALL {UNSEEN_ROOTS}",
        [*parents, discussion.pk, roots],
    )


def load(discussion, ids):
    """The comments with these ids, with all that a template prints, by id: one query."""
    return {comment.pk: comment for comment in printed(discussion=discussion.pk, ids=ids)}


# The discussion is named although the ids say it all: it is what a distributed database finds the rows by.
printed = Prepared(
    lambda discussion, ids: (
        Comment.objects.filter(discussion=discussion, pk__in=ids).select_related("author").only(*PRINTED)
    ),
    discussion=BigIntegerField(),
    ids=IdsField(),
)


def name_answered(discussion, nodes):
    """Fill in whom the deepest comments answer: one query, on the pages that have such."""
    nameless = [node for node in nodes if node.answers_id]
    if nameless:
        known = {node.comment.pk: node.comment for node in nodes}
        missing = {node.answers_id for node in nameless} - known.keys()
        known |= load(discussion, missing) if missing else {}
        for node in nameless:
            node.answers = known[node.answers_id]


# Pages ----------------------------------------------------------------------------------------------------------------
def page_of_roots(discussion, sort=DEFAULT_SORT, after="", moderates=False, member=None):
    """A page of a whole discussion: ROOTS threads in the order `sort`, each with its first replies.

    moderates: show what waits or is hidden as well; member: show their own such comments.
    """
    if sort == "featured":
        return page_of_featured(discussion, after)
    ids, following = heads(orders.roots, discussion.pk, sort, after, ROOTS)
    replies, featured = first_replies_and_featured(discussion, ids)
    found = load(discussion, [*ids, *replies, *featured])
    rows = {pk: found[pk] for pk in (*ids, *replies) if pk in found}
    extra = unlisted(discussion, rows, moderates, member, with_roots=not after)
    nodes = arrange(rows, ids, extra, moderates=moderates, member=member)
    above = [found[pk] for pk in featured if pk in found and found[pk].is_published]
    return page(discussion, nodes, following, sorted(above, key=lambda c: (c.featured_at, c.pk), reverse=True))


def page_of_featured(discussion, after=""):
    """A page of the featured comments, wherever they stand: ROOTS of them, none with its replies, each with whom it answers."""
    ids, following = heads(orders.featured, discussion.pk, "featured", after, ROOTS)
    rows = load(discussion, ids)
    shown = [rows[pk] for pk in ids if pk in rows and rows[pk].is_published]
    nodes = [Node(comment, more=comment.descendant_count, answers_id=comment.parent_id) for comment in shown]
    return page(discussion, nodes, following)


def page_around(comment, after="", moderates=False, member=None):
    """A page of one comment: what it stands under, itself, and MORE of its replies from the key `after` on."""
    replies, following = heads(orders.replies, comment.pk, "oldest", after, MORE)
    ids = [*comment.ancestor_ids, comment.pk, *replies, *first_replies(replies, NESTED, 0)]
    rows = load(comment.discussion, ids)
    extra = unlisted(comment.discussion, rows, moderates, member, with_roots=False)
    nodes = arrange(rows, [comment.root_id], extra, moderates=moderates, member=member, focus=comment)
    return page(comment.discussion, nodes, following)


def page(discussion, nodes, following, featured=()):
    name_answered(discussion, nodes)
    return Page(nodes, following, featured)


def is_on_first_page(comment, sort=DEFAULT_SORT):
    """Does the first page of its discussion show `comment`? Two queries, whatever the size."""
    if comment.depth > 2 and sort != "featured":
        return False
    among = orders.featured if sort == "featured" else orders.roots
    ids, _following = heads(among, comment.discussion_id, sort, "", ROOTS)
    if sort == "featured":
        return comment.pk in ids
    if comment.root_id not in ids:
        return False
    return comment.depth == 0 or comment.pk in first_replies([comment.root_id])


def unlisted(discussion, rows, moderates, member, *, with_roots):
    """What is seen beside the listed comments: by a moderator all that waits or is hidden, by a member their own.

    Some below each comment that the page shows anyway, and the newest roots; never more than WINDOW in all.
    """
    room = min(WINDOW - len(rows), 40)
    if room <= 0 or not (moderates or member):
        return []
    found = Comment.objects.filter(discussion=discussion).select_related("author").order_by("-pk")
    if moderates:
        return list(found.filter(pk__in=unseen(list(rows), discussion, room if with_roots else 0)))[:room]
    own = found.filter(author=member, shown_at=None, state__in=UNSEEN)
    return [c for c in own if c.under_id in rows or (with_roots and c.parent_id is None)][:room]


def arrange(rows, root_ids, extra=(), moderates=False, member=None, focus=None):
    """Put comments in document order, as Nodes with their level, what they leave out, and which lists end where.

    rows: {id: Comment}; root_ids: the order of the roots; extra: comments that only this viewer sees; focus: the
    comment whose page this is; of it and its ancestors nothing is said to be left out.
    """

    def node_of(comment):
        unseen = moderates or (member is not None and comment.author_id == member.pk)
        return Node(comment, is_readable=comment.is_published or (unseen and comment.state in UNSEEN))

    nodes = {pk: node_of(comment) for pk, comment in rows.items()}
    roots = [nodes[pk] for pk in root_ids if pk in nodes]
    below = sorted((c for c in rows.values() if c.depth), key=lambda c: (c.depth, c.posted_at, c.pk))
    beside = [comment for comment in extra if comment.pk not in rows]
    for comment in [*below, *sorted(beside, key=lambda c: c.pk)]:
        node = nodes.setdefault(comment.pk, node_of(comment))
        if comment.depth == 0:
            roots.insert(0, node)
        elif holder := nodes.get(comment.under_id):
            holder.replies.append(node)
    on_the_way = {*focus.ancestor_ids, focus.pk} if focus else set()  # what follows the focus is on the next page
    ordered = []
    for root in roots:
        _number(root, 0, on_the_way, ordered)
    _close(ordered)
    return ordered


def _number(node, level, on_the_way, ordered):
    """Append `node` and what stands below it to `ordered`; the page is at most MAX_DEPTH + 2 deep, so this recurses."""
    node.level = min(level, LEVELS)
    if level > LEVELS or (node.comment.parent_id and node.comment.parent_id != node.comment.under_id):
        node.answers_id = node.comment.parent_id
    ordered.append(node)
    shown = [reply for reply in node.replies if reply.comment.shown_at]
    if node.comment.pk not in on_the_way:
        left = node.comment.descendant_count
        for reply in shown:
            left -= (reply.comment.state == State.PUBLISHED) + reply.comment.descendant_count
        node.more = max(0, left)
        node.after = time_key(shown[-1].comment.pk, shown[-1].comment.shown_at) if shown else ""
    for reply in node.replies:
        _number(reply, level + 1, on_the_way, ordered)


def _close(ordered):
    """Say for each node which lists of replies end after it, innermost first: templates then need no recursion."""
    open_nodes = []
    for node, following in zip(ordered, [*ordered[1:], None], strict=False):  # no node, no end
        if node.opens:
            open_nodes.append(node)
            continue
        level = following.level if following else 0
        while open_nodes and open_nodes[-1].level >= level:
            node.closes.append(open_nodes.pop())
