"""Recount what is kept about comments, and see that each stands where its parent says. For `manage.py check_integrity`.

All of it is counted by the database, in time that grows with the number of comments, not with the shape of threads.
"""

from django.db import connection, transaction

from .models import MAX_DEPTH, Comment, Discussion, Recommendation, State

COMMENT, DISCUSSION = Comment._meta.db_table, Discussion._meta.db_table
# The comments above each published one, read from its place: ten digits for each.
DESCENDANTS = f"""
    WITH RECURSIVE digits(at) AS (SELECT 1 UNION ALL SELECT at + 10 FROM digits WHERE at < {MAX_DEPTH * 10}),
    counted(id, number) AS (
        SELECT CAST(substr(above, at, 10) AS bigint), count(*)
        FROM {COMMENT} JOIN digits ON at < length(above) WHERE state = '{State.PUBLISHED}' GROUP BY 1
    )
    SELECT c.id, c.descendant_count, coalesce(n.number, 0) FROM {COMMENT} c LEFT JOIN counted n ON n.id = c.id
    WHERE c.descendant_count <> coalesce(n.number, 0) ORDER BY c.id
"""  # noqa: S608  our own names
RECOMMENDED = f"""
    WITH counted(id, number) AS (SELECT comment_id, count(*) FROM {Recommendation._meta.db_table} GROUP BY 1)
    SELECT c.id, c.recommend_count, coalesce(n.number, 0) FROM {COMMENT} c LEFT JOIN counted n ON n.id = c.id
    WHERE c.recommend_count <> coalesce(n.number, 0) ORDER BY c.id
"""  # noqa: S608
COMMENTS = f"""
    WITH counted(id, number) AS (SELECT discussion_id, count(*) FROM {COMMENT} WHERE state = '{State.PUBLISHED}' GROUP BY 1)
    SELECT d.id, d.comment_count, coalesce(n.number, 0) FROM {DISCUSSION} d LEFT JOIN counted n ON n.id = d.id
    WHERE d.comment_count <> coalesce(n.number, 0) ORDER BY d.id
"""  # noqa: S608
# What a reply takes from its parent; at the greatest depth it stands beside it.
PLACES = f"""
    SELECT c.id, CASE
        WHEN c.discussion_id <> p.discussion_id THEN 'is in another discussion than its parent'
        WHEN c.thread_id IS NULL OR c.thread_id <> coalesce(p.thread_id, p.id) THEN 'is in another thread than its parent'
        WHEN c.depth <> CASE WHEN p.depth < {MAX_DEPTH} THEN p.depth + 1 ELSE {MAX_DEPTH} END THEN 'has the wrong depth'
        WHEN c.under_id IS NULL OR c.under_id <> CASE WHEN p.depth < {MAX_DEPTH} THEN p.id ELSE p.under_id END
            THEN 'stands under the wrong comment'
        WHEN c.above <> CASE WHEN p.depth < {MAX_DEPTH} THEN p.path ELSE p.above END THEN 'has the wrong place'
        WHEN c.id <= p.id THEN 'is older than its parent'
    END AS wrong
    FROM {COMMENT} c JOIN {COMMENT} p ON p.id = c.parent_id
    UNION ALL
    SELECT id, 'is a top comment with a place of a reply' FROM {COMMENT}
    WHERE parent_id IS NULL AND (thread_id IS NOT NULL OR under_id IS NOT NULL OR depth <> 0 OR above <> '')
"""  # noqa: S608
STATES = f"""
    SELECT id, state FROM {COMMENT}
    WHERE hidden_under <> '' AND state <> '{State.HIDDEN}'
"""  # noqa: S608


# The kept numbers of a comment, and what they count.
KEPT = {
    "descendant_count": (DESCENDANTS, "comments below it are published"),
    "recommend_count": (RECOMMENDED, "members recommend it"),
}


def differences():
    """Yield a line for each kept number or place that is not what the rows say."""
    for pk, kept, found in rows(COMMENTS):
        yield f"discussion {pk}: comment_count is {kept}, {found} comments are published"
    for name, (sql, what) in KEPT.items():
        for pk, kept, found in rows(sql):
            yield f"comment {pk}: {name} is {kept}, {found} {what}"
    for pk, wrong in rows(PLACES):
        if wrong:
            yield f"comment {pk}: {wrong}"
    for pk, state in rows(STATES):
        yield f"comment {pk}: is {state}, but names a rule that it was hidden under"


def rows(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@transaction.atomic
def repair():
    """Set the kept numbers to what the rows say, while people go on posting. Return how many were wrong."""
    # In the order in which a post takes them: comments by id, then discussions. A post in the middle of its work is
    # waited for; what is read after the lock is exact.
    comments = {pk for sql, _what in KEPT.values() for pk, _kept, _found in rows(sql)}
    hold(Comment.objects.filter(pk__in=comments))
    mended = 0
    for name, (sql, _what) in KEPT.items():
        for pk, _kept, found in rows(sql):
            if pk in comments:
                mended += Comment.objects.filter(pk=pk).update(**{name: found})
    discussions = {pk for pk, _kept, _found in rows(COMMENTS)}
    discussions |= set(Comment.objects.filter(pk__in=comments).values_list("discussion_id", flat=True))
    hold(Discussion.objects.filter(pk__in=discussions))
    for pk, _kept, found in rows(COMMENTS):
        if pk in discussions:
            mended += Discussion.objects.filter(pk=pk).update(comment_count=found)
    Discussion.objects.filter(pk__in=discussions).show_anew()  # pages show the numbers
    return mended


def hold(queryset):
    list(queryset.order_by("pk").select_for_update(no_key=True).values_list("pk"))
