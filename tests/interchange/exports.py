"""Small WordPress exports for tests: plain functions that return pieces of a file, and one that imports them."""

import io
import json
from html import escape
from io import StringIO
from tempfile import NamedTemporaryFile

from django.core.management import call_command

from interchange.wordpress import import_export

SITE = "https://old.example/blog"
SOURCE = "old.example/blog"
HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/">
<channel><title>Old news</title><wp:base_blog_url>{SITE}</wp:base_blog_url>
"""
DATE = "2020-03-04 05:06:07"


def element(name, text):
    return f"<{name}>{escape(str(text))}</{name}>"


def post(number, *parts, title="A title", content="<p>Text.</p>", status="publish", kind="post", date=DATE, **fields):
    """An item; parts: comments and terms; fields: others by their name after "wp:", slug="post_name" and the like."""
    names = {"slug": "post_name", "password": "post_password", "parent": "post_parent"}
    inside = [
        element("title", title),
        element("link", f"{SITE}/?p={number}"),
        element("content:encoded", content),
        element("excerpt:encoded", fields.pop("excerpt", "")),
        element("dc:creator", fields.pop("creator", "")),
        element("wp:post_id", number),
        element("wp:post_date_gmt", date),
        element("wp:status", status),
        element("wp:post_type", kind),
        element("wp:comment_status", fields.pop("comment_status", "open")),
        *(element(f"wp:{names.get(name, name)}", value) for name, value in fields.items()),
        *parts,
    ]
    return f"<item>{''.join(inside)}</item>\n"


def comment(
    number, content="Words.", *, parent=0, approved="1", author="Eve", date=DATE, kind="comment", email="", user=0
):
    inside = {
        "id": number,
        "author": author,
        "author_email": email,
        "author_url": "https://eve.example/",
        "author_IP": "192.0.2.7",
        "date_gmt": date,
        "content": content,
        "approved": approved,
        "type": kind,
        "parent": parent,
        "user_id": user,
    }
    return f"<wp:comment>{''.join(element(f'wp:comment_{name}', value) for name, value in inside.items())}</wp:comment>"


def term(domain, slug, name):
    return f'<category domain="{domain}" nicename="{escape(slug)}">{escape(name)}</category>'


def meta(key, value):
    return f"<wp:postmeta>{element('wp:meta_key', key)}{element('wp:meta_value', value)}</wp:postmeta>"


def author(login, email="", name=""):
    return (
        "<wp:author>"
        + element("wp:author_login", login)
        + element("wp:author_email", email)
        + element("wp:author_display_name", name)
        + "</wp:author>"
    )


def attachment(number, address, *parts, **fields):
    return post(number, *parts, kind="attachment", status="inherit", attachment_url=address, content="", **fields)


def export(*parts, head=HEAD):
    """A whole file, as bytes."""
    return f"{head}{''.join(parts)}</channel></rss>".encode()


def bring(*parts, head=HEAD, **options):
    """Import parts, through the verb; return the Report."""
    return import_export(io.BytesIO(export(*parts, head=head)), **options)


def run(path, *arguments):
    """Import a file, through the command; return what it reports as JSON."""
    out = StringIO()
    call_command("import_wordpress", str(path), "--json", *arguments, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def run_parts(*parts, arguments=()):
    with NamedTemporaryFile(suffix=".xml") as file:
        file.write(export(*parts))
        file.flush()
        return run(file.name, *arguments)
