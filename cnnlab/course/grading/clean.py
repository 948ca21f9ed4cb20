"""Learners' Markdown, made safe to show: what it renders to may hold nothing but a document's plain elements.

nbconvert and formgrader put raw HTML of a Markdown cell into the instructor's browser, and MathJax finds formulas in
it. Text that renders to harmless elements, with formulas that only draw, stays as it was written; anything else is
cleaned (formulas by `mathematics`, the rest by nh3) and, where even that is in doubt, shown as text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from cnnlab.course.grading.effort import MOST_RENDERED, Allowance, is_too_much, with_known_languages
from cnnlab.course.grading.mathematics import draws_alone, without_commands

LONGEST = 30_000
ELEMENTS = {
    *("p", "br", "hr", "em", "strong", "b", "i", "u", "s", "del", "sub", "sup", "code", "pre", "kbd", "blockquote"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "a", "img", "span", "div", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "title", "class", "id"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
    **{name: {"class"} for name in ("code", "span", "div", "pre")},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}
LINK = re.compile(r"(?:https?://|mailto:|#)[^\s]*\Z", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*\Z")
CLASS = re.compile(r"(?:[a-z0-9]{1,3}|highlight|language-[\w+-]{1,30}|anchor-link)?\Z")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean_markdown(source: str, attachments: dict | None = None, allowance: Allowance | None = None) -> str:
    """The source itself where it renders to harmless elements, else what is left of it.

    allowance: of the notebook that it stands in; what goes beyond it, or is much work, is shown as text.
    """
    if len(source) > LONGEST:
        source = source[:LONGEST] + "\n\n(The text goes on; only its beginning is shown.)"
    if is_too_much(source, attachments) or not (allowance or Allowance()).holds(source):
        return as_text(source)
    source = without_commands(with_known_languages(source))
    rendered = rendered_html(source, _stand_ins(attachments))
    if rendered is not None and len(rendered) > MOST_RENDERED * len(source) + 20_000:
        return as_text(source)
    if rendered is not None and is_harmless(rendered):
        return source
    if rendered is not None:
        cleaned = nh3.clean(
            rendered,
            tags=ELEMENTS,
            attributes={"a": {"href", "title"}, "ol": {"start"}},
            url_schemes={"http", "https", "mailto"},
            link_rel=None,
        )
        again = rendered_html(cleaned, None)
        if again is not None and is_harmless(again) and cleaned.strip():
            return cleaned
    return as_text(source)


def _stand_ins(attachments: dict | None) -> dict | None:
    """Pictures of the same names and kinds, for a page that nobody looks at: the reader has looked at the real ones."""
    return attachments and {name: dict.fromkeys(bundle, "AAAA") for name, bundle in attachments.items()}


def as_text(source: str) -> str:
    """The source as a block of code: nothing in it is rendered."""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", source)), default=0) + 3)
    return f"{fence}text\n{without_escapes(source)}\n{fence}"


def without_escapes(text: str) -> str:
    """Text without terminal escapes and control characters."""
    return ESCAPES.sub("", text)


def rendered_html(source: str, attachments: dict | None) -> str | None:
    """What nbconvert makes of Markdown; None where it fails. attachments: the cell's, {name: {MIME type: base64}}."""
    try:
        return markdown2html_mistune(source) if not attachments else _with_pictures(source, attachments)
    except Exception:  # mistune and nbconvert raise many kinds: a missing attachment, too deep a nesting
        return None


def _with_pictures(source: str, attachments: dict) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return str(MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attachments)).render(source))


def is_harmless(html: str) -> bool:
    """Whether HTML holds nothing but ELEMENTS with ATTRIBUTES, all of them closed, and formulas that only draw."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (ValueError, AssertionError):
        return False
    return reader.harmless


class _Reader(HTMLParser):
    """Looks at every element; whatever is not on the lists above is harm."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.harmless = True
        self.open: list[str] = []
        self.text: list[str] = []  # where MathJax looks

    def handle_starttag(self, tag: str, attrs: list) -> None:
        allowed = ATTRIBUTES.get(tag, set())
        self.harmless &= tag in ELEMENTS and all(name in allowed and _fits(name, value) for name, value in attrs)
        self.harmless &= "<" not in (self.get_starttag_text() or "")[1:]

        if tag not in ("br", "hr", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.handle_starttag(tag, attrs)
        self.harmless &= tag in ("br", "hr", "img")

    def handle_endtag(self, tag: str) -> None:
        self.harmless &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"pre", "code"} & set(self.open):
            self.text.append(data)

    def handle_decl(self, decl: str) -> None:
        self.harmless = False

    def handle_comment(self, data: str) -> None:
        self.harmless = False

    handle_pi = unknown_decl = handle_comment

    def close(self) -> None:
        if "<" in self.rawdata:  # a tag that does not end would swallow what comes after the cell
            self.harmless = False
        super().close()
        self.harmless &= not self.open and draws_alone("".join(self.text))


def _fits(name: str, value: str | None) -> bool:
    value = value or ""
    if name == "href":
        return bool(LINK.match(value))
    if name == "src":
        return bool(PICTURE.match(value))
    if name == "class":
        return all(CLASS.match(word) for word in value.split(" "))
    return True
