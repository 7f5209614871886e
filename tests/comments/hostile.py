"""Hostile markup from the corpora, and a judge: what a browser would make of a text must be on the allow list."""

import json
import re
from urllib.parse import urlsplit

import html5lib

from .. import corpora

SCHEMES = {"", "http", "https", "mailto"}
ADDRESSES = {"href", "src", "action", "formaction", "poster", "data", "cite", "background", "ping", "longdesc"}
# What a page of ours never holds. <svg> and <use> are our icons, <meta> and <link> stand in the head.
NEVER = set(
    "iframe object embed applet base frame frameset noframes math foreignobject style marquee bgsound audio video source "
    "track portal xmp plaintext listing noembed isindex keygen layer ilayer animate set animatemotion handler listener "
    "image dialog canvas map area param template".split()
)


def payloads():
    """Every distinct payload of corpora/xss, in a fixed order."""
    found = {}
    for path in sorted(corpora.path("xss").rglob("*")):
        if path.suffix == ".json":
            texts = [item.get("payload", item.get("input")) for item in json.loads(path.read_text())]
        elif path.suffix == ".txt":
            texts = path.read_text(errors="replace").splitlines()
        else:
            continue
        found |= dict.fromkeys(text for text in texts if text and text.strip())
    return list(found)


def parse(html, fragment=True):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    return parser.parseFragment(html) if fragment else parser.parse(html)


def elements(tree):
    return [element for element in tree.iter() if isinstance(element.tag, str) and element.tag != "DOCUMENT_FRAGMENT"]


def comments(tree):
    """HTML comments: none of ours are sent."""
    return [element for element in tree.iter() if not isinstance(element.tag, str)]


def scheme(address):
    """The scheme as a browser reads it (URL Standard): no spaces and controls first, no tabs and line ends at all."""
    bare = re.sub(r"^[\x00-\x20]+|[\t\n\r]", "", address)
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", bare)
    return found[1].lower() if found else ""


def faults(tree, tags, attributes):
    """What is not allowed in a piece of HTML. tags: names; attributes: {tag: names}."""
    found = [f"comment {element.text!r}" for element in comments(tree)]
    for element in elements(tree):
        if element.tag not in tags:
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name not in attributes.get(element.tag, ()):
                found.append(f"<{element.tag} {name}={value!r}>")
            if name in ADDRESSES and scheme(value) not in SCHEMES:
                found.append(f"{name}={value!r}")
    return found


def page_faults(tree):
    """What no page of ours may hold, wherever it comes from."""
    found = []
    for element in elements(tree):
        if element.tag.lower() in NEVER:
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name.lower().startswith(("on", "{")) or name in ("style", "srcdoc", "formaction", "dynsrc", "lowsrc"):
                found.append(f"<{element.tag} {name}={value!r}>")
            if name in ADDRESSES and element.tag != "meta" and scheme(value) not in SCHEMES:
                found.append(f"<{element.tag} {name}={value!r}>")
            if name == "src" and (scheme(value) or urlsplit(value).netloc):
                found.append(f"<{element.tag} {name}={value!r}>: from elsewhere")
        if element.tag == "script":
            source = element.get("src") or ""
            if not source.startswith("/static/") or (element.text or "").strip():
                found.append(f"<script src={source!r}>{(element.text or '')[:60]}")
        if element.tag == "meta" and (element.get("http-equiv") or "").lower() in ("refresh", "set-cookie"):
            found.append("<meta http-equiv>")
    return found
