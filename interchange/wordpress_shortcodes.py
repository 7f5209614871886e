"""WordPress's shortcodes, [gallery ids="1,2"] and the like, as HTML."""

import re
from html import escape, unescape

from .html_tree import html_attributes

KNOWN = {"caption", "wp_caption", "gallery", "playlist", "audio", "video", "embed"}
ADDRESSES = ("src", "url", "href", "mp3", "m4a", "ogg", "wav", "mp4", "m4v", "webm", "ogv")

SHORTCODE = re.compile(
    r"<(?P<end>/?)(?P<verbatim>pre|code)\b[^<>]*>|<[^<>]*>|"
    r"(?P<left>\[?)\[(?P<close>/?)(?P<name>[a-zA-Z][\w-]*)"
    r"(?P<rest>(?:\s+(?:https?://[^\s\]\"'<>]+|(?:[\w-]+\s*=\s*)?(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\]\"'<>=\[]+))){0,40}+)"
    r"\s*/?\](?P<right>\]?)"
)
ATTRIBUTE = re.compile(r"([\w-]{1,50})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))|(https?://\S+)")


def replace_shortcodes(content, note, gallery=None):
    """Return `content` with HTML in the place of shortcodes. "[sic]" and the like are words and stay.

    note: called with what was left out, as in "shortcode [map]". gallery: called with the attributes of a [gallery];
    returns its pictures as [(address, alternative text)].
    """
    return _Shortcodes(content, note, gallery).replace()


class _Shortcodes:
    def __init__(self, content, note, gallery):
        self.content, self.note, self.gallery = content, note, gallery
        self.closed = set(re.findall(r"\[/([a-zA-Z][\w-]*)\]", content))
        self.verbatim = 0  # open <pre> and <code>

    def replace(self):
        return SHORTCODE.sub(self.shortcode, self.content)

    def shortcode(self, match):
        name = match["name"]
        if match["verbatim"]:
            self.verbatim = max(0, self.verbatim + (-1 if match["end"] else 1))
        if not name or self.verbatim:
            return match[0]
        if not (name in KNOWN or name in self.closed or "_" in name or re.search(r"[\w-]\s*=", match["rest"])):
            return match[0]
        if match["left"] or match["right"]:  # [[gallery]] is how WordPress writes of a shortcode
            return match[0][len(match["left"]) : len(match[0]) - len(match["right"])]
        values = {}
        for key, *texts, bare in ATTRIBUTE.findall(unescape(match["rest"])):
            values.setdefault(key.lower() or "url", bare or "".join(texts))
        if name in {"caption", "wp_caption"} and name in self.closed:
            caption = html_attributes(title=values.get("caption", ""))
            return "</figure>" if match["close"] else f'<figure class="wp-caption"{caption}>'
        return self.replacement(name, bool(match["close"]), values)

    def replacement(self, name, is_end, values):
        if name == "gallery" and not is_end and (pictures := self.gallery(values) if self.gallery else []):
            return "".join(f'<figure><img src="{escape(src)}" alt="{escape(alt)}"></figure>' for src, alt in pictures)
        if name in {"gallery", "playlist"}:
            self.note(name)
            return ""
        if name == "embed" and not values.get("src"):  # the address between its tags becomes a line of its own
            return "\n\n"
        if name not in {"audio", "video", "embed"}:
            self.note(f"shortcode [{name}]")
        address = next((values[key] for key in ADDRESSES if values.get(key, "").startswith(("http", "/"))), "")
        return f"<p><a{html_attributes(href=address)}>{escape(address)}</a></p>" if address and not is_end else ""
