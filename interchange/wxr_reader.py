"""WordPress exports (WXR), read as they go by: a file costs the memory of its largest item, whatever its own size.

Nothing is fetched, no entity is replaced, no DTD is read. The limits stand below, each with its name.
"""

import gzip
import re
import zlib
from pathlib import Path

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from .html_tree import unquoted
from .wxr import BrokenExport, make_author, make_channel, make_comment, make_item, make_term

MAX_BYTES = 200_000_000  # of a file, unpacked
MAX_ITEM = 10_000_000  # bytes of an item without its comments, and of each comment
MAX_ITEMS = 100_000
MAX_COMMENTS = 100_000  # of one item
MAX_DEPTH = 64
MAX_NAMES = 1_000  # of elements, attributes, namespaces: expat keeps every one; an export has about a hundred
MAX_ATTRIBUTES = 50  # of one element
CHUNK = 64 * 1024
# XML has no way to write these; an editor or a database left them there, and readers never saw them.
CONTROL = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
WIDE = (b"\xfe\xff", b"\xff\xfe", b"\0<", b"<\0")  # how UTF-16 begins, where each character has its zeros
OLD_DOMAINS = {"tag": "post_tag"}  # WXR 1.0

EXPORT = re.compile(r"https?://wordpress\.org/export/[^/]+/?")
NAMESPACES = (
    ("excerpt:", re.compile(r"https?://wordpress\.org/export/[^/]+/excerpt/?")),
    ("content:", re.compile(r"https?://purl\.org/rss/[^/]+/modules/content/?")),
    ("dc:", re.compile(r"https?://purl\.org/dc/elements/[^/]+/?")),
)


def read(source, progress=None):
    """Yield the Authors, Terms and Items of an export in the order of the file, and its Channel last.

    source: a path, or a binary file that can seek; plain or gzip, told apart by content.
    progress: called with (bytes read, bytes in all) of the file as it lies there, about every 64 KB.
    Raise BrokenExport where the file stops making sense: what came before it has been yielded by then, so who must not
    keep half a file reads it twice.
    """
    if not hasattr(source, "read"):
        with open(source, "rb") as file:
            yield from read(file, progress)
        return
    reader = _Reader(Path(str(getattr(source, "name", None) or "export")).name)
    size = source.seek(0, 2)
    source.seek(0)
    packed = source.read(2) == b"\x1f\x8b"
    source.seek(0)
    stream = gzip.GzipFile(fileobj=source) if packed else source
    try:
        while chunk := stream.read(CHUNK):
            reader.feed(chunk)
            yield from reader.take()
            if progress:
                progress(source.tell(), size)
        reader.finish()
        yield from reader.take()
        yield reader.channel()
    except ParseError as error:
        message = str(error).partition(": line")[0]
        raise reader.broken(message if reader.seen else f"not XML: {message}", error.position[0]) from None
    except DefusedXmlException:
        raise reader.broken("a document type or entity is declared here; no export needs one, refused") from None
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise reader.broken(f"the compressed file is damaged ({error})") from None
    except (LookupError, ValueError) as error:  # expat does not know the encoding that the file names
        raise reader.broken(str(error)) from None


class _Reader:
    """What expat reports, made into the parts of an export: the parser's target, in the words of ElementTree.

    Elements have the names that WordPress gives them, "wp:post_id", whatever prefix and version the file uses;
    "" is a name of no interest. Places that count: rss / channel / part / field or detail / field of the detail.
    """

    PARTS = {"item", "wp:author", "wp:category", "wp:tag", "wp:term"}
    DETAILS = {"wp:comment", "wp:postmeta"}
    OF_CHANNEL = {"title", "link", "wp:base_site_url", "wp:base_blog_url"}

    def __init__(self, path):
        self.path = path
        self.parser = XMLParser(target=self, forbid_dtd=True)
        self.fed = self.dropped = self.blank_lines = self.items = 0
        self.is_wide, self.fields = None, {}
        self.names, self.seen = {}, set()
        self.declared, self.export = {}, None
        self.stack, self.ready = [], []
        self.text = self.part = self.detail = None  # what is being collected, at the three depths
        self.part_from = self.part_line = 0

    def broken(self, message, line=None):
        return BrokenExport(message, self.path, (line or self.parser.parser.CurrentLineNumber) + self.blank_lines)

    def take(self):
        """Return the parts finished since the last call."""
        ready, self.ready = self.ready, []
        return ready

    def feed(self, chunk):
        size = len(chunk)
        if self.is_wide is None:
            self.is_wide = chunk.startswith(WIDE)
        if not self.is_wide:
            chunk = chunk.translate(None, CONTROL)
            self.dropped += size - len(chunk)
        if not self.fed:  # some sites print blank lines before everything they send; XML allows none
            text = chunk.removeprefix(b"\xef\xbb\xbf").lstrip()
            self.blank_lines += chunk[: len(chunk) - len(text)].count(b"\n")
            chunk = text
        self.fed += len(chunk)
        if self.fed + self.dropped > MAX_BYTES:
            raise self.broken(f"larger than {MAX_BYTES:,} bytes, unpacked")
        self.parser.feed(chunk)
        if self.fed - self.part_from > MAX_ITEM:
            raise self.broken(f"a piece (item, comment) larger than {MAX_ITEM:,} bytes", self.part_line)

    def finish(self):
        """Take note that the file has ended; the parser may have kept its last words until now."""
        self.parser.close()
        if self.export is None:
            raise self.broken("not a WordPress export: it has no <channel>", 1)

    def channel(self):
        return make_channel(self.fields, self.dropped)

    # What the parser calls

    def start_ns(self, prefix, uri):
        self._see((prefix, uri))
        if len(self.stack) < 2:  # at <rss> or <channel>: deeper ones rename, or play tricks
            self.declared.setdefault(prefix, uri)

    def start(self, tag, attributes):
        name = self._name(tag)
        self.stack.append(name)
        depth = len(self.stack)
        if depth > MAX_DEPTH:
            raise self.broken(f"more than {MAX_DEPTH} elements inside one another")
        if len(attributes) > MAX_ATTRIBUTES:
            raise self.broken(f"more than {MAX_ATTRIBUTES} attributes on one element")
        for attribute in attributes:
            self._name(attribute)
        if depth == 1 and name != "rss":
            raise self.broken(f"not a WordPress export: it begins with <{tag.rpartition('}')[2][:40]}>, not <rss>")
        if depth == 2 and name == "channel":
            self._start_channel()
        elif depth == 3 and self.stack[1] == "channel" and name in self.PARTS:
            self._start_part()
        elif depth == 3 and self.stack[1] == "channel" and name in self.OF_CHANNEL:
            self.text = []
        elif depth == 4 and self.part is not None:
            self._start_field(name, attributes)
        elif depth == 5 and self.detail is not None:
            self.text = []

    def data(self, text):
        if self.text is not None:
            self.text.append(text)

    def end(self, _tag):
        depth, name = len(self.stack), self.stack.pop()
        if depth == 3:
            if self.part is not None:
                self._end_part(name)
            elif self.text is not None:
                self.fields[name] = self.fields.get(name) or self._end_text()
                self.text = None
            self.part_from = self._position()
        elif depth == 4 and self.part is not None:
            self._end_field(name)
        elif depth == 5 and self.detail is not None:
            self.detail.setdefault(name, self._end_text())

    # What it means

    def _name(self, tag):
        if tag not in self.names:
            self._see(tag)
            uri, _, local = tag.removeprefix("{").rpartition("}")
            self.names[tag] = self._prefix(uri, local)
        return self.names[tag]

    def _see(self, name):
        self.seen.add(name)
        if len(self.seen) > MAX_NAMES:
            raise self.broken(f"more than {MAX_NAMES:,} different names of elements")

    def _prefix(self, uri, local):
        if not uri:
            return local
        if uri == self.export:
            return f"wp:{local}"
        return next((f"{prefix}{local}" for prefix, pattern in NAMESPACES if pattern.fullmatch(uri)), "")

    def _start_channel(self):
        # A file has one version: names of another one in it are not WordPress's.
        exports = {prefix: uri for prefix, uri in self.declared.items() if EXPORT.fullmatch(uri)}
        if not exports:
            raise self.broken("not a WordPress export: an RSS file without WordPress's names (xmlns:wp)")
        self.export = exports.get("wp") or next(iter(exports.values()))
        self.names.clear()

    def _start_part(self):
        self.part, self.terms, self.meta, self.comments = {}, [], {}, []
        self.part_from, self.part_line = self._position(), self.parser.parser.CurrentLineNumber

    def _start_field(self, name, attributes):
        if name in self.DETAILS and self.stack[2] == "item":
            self.detail = {}
            if name == "wp:comment":  # it has a budget of its own; the item's goes on behind it
                self.item_bytes = self._position() - self.part_from
                self.part_from = self._position()
            return
        self.text = []
        if name == "category":
            self.category = attributes

    def _end_field(self, name):
        detail, self.detail = self.detail, None
        if detail is None:
            text = self._end_text()
            self.part.setdefault(name, text)
            if name == "category" and self.category.get("nicename"):  # WXR 1.0 repeats each one without
                domain = self.category.get("domain", "")
                self.terms.append((OLD_DOMAINS.get(domain, domain), unquoted(self.category["nicename"]), text))
        elif name == "wp:postmeta":
            self.meta.setdefault(detail.get("wp:meta_key"), detail.get("wp:meta_value", ""))
        else:
            self.comments.append(make_comment(detail))
            self.part_from = self._position() - self.item_bytes
            if len(self.comments) > MAX_COMMENTS:
                raise self.broken(f"an item with more than {MAX_COMMENTS:,} comments")

    def _end_text(self):
        text, self.text = "".join(self.text).strip(), None
        return text

    def _end_part(self, name):
        part, self.part = self.part, None
        if name == "wp:author":
            self.ready.append(make_author(part))
        elif name != "item":
            self.ready.append(make_term(name.removeprefix("wp:"), part))
        else:
            self.items += 1
            if self.items > MAX_ITEMS:
                raise self.broken(f"more than {MAX_ITEMS:,} items")
            line = self.part_line + self.blank_lines
            self.ready.append(make_item(part, self.terms, self.meta, self.comments, line))

    def _position(self):
        return self.parser.parser.CurrentByteIndex
