"""The reference of posting: a process that stores rows of comments and does nothing else.

python -m bench.inserting DISCUSSION, in the environment of a site. Each line of its input is a number of seconds, or
"N rows"; it answers with a line of JSON: {"rows", "errors", "cpu" of this process in ms per row, "seconds"}.
"""

import json
import sys
import time
from itertools import count

import django

django.setup()

from django.db import DatabaseError  # noqa: E402

from accounts.models import User  # noqa: E402
from campaign import markup  # noqa: E402
from comments.models import Comment  # noqa: E402

BODY = "A comment of some length that says nothing new about the water board and the road to the harbour."


def main(discussion):
    author, html = User.objects.order_by("pk").first(), markup.render_comment(BODY)
    shared = {"discussion_id": discussion, "author": author, "html": html, "markup_version": markup.VERSION}
    numbers = count()

    def insert():
        Comment(body=f"{BODY} {next(numbers)}", **shared).save(force_insert=True)

    insert()  # connected, and what is made once is made
    for line in sys.stdin:
        print(json.dumps(repeat(insert, *line.split())), flush=True)


def repeat(insert, number, unit="seconds"):
    rows = errors = 0
    used, started = time.process_time(), time.monotonic()
    while (rows + errors if unit == "rows" else time.monotonic() - started) < float(number):
        try:
            insert()
            rows += 1
        except DatabaseError:
            errors += 1
    took, used = time.monotonic() - started, time.process_time() - used
    return {"rows": rows, "errors": errors, "cpu": used * 1000 / max(rows, 1), "seconds": took}


if __name__ == "__main__":
    main(int(sys.argv[1]))
