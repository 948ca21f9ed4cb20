"""How much work a learner's text is to render, told from the text alone: what is too much is shown as it was written.

mistune and the highlighters of code read most texts in one go. What they read again and again is a beginning for which
there is no end, up to the end of the text: that many times that long is the work.
"""

from __future__ import annotations

import re

MOST_STEPS = 20_000_000  # letters that are looked at again: some tenths of a second
MOST_BLANKS = 2_000  # in a row
MOST_PICTURES = 60 << 20  # letters of pictures, as often as they are shown
MOST_RENDERED = 8  # letters of HTML for each letter of Markdown, and 20,000 more
MOST_IN_ALL = 300_000  # letters of one notebook's texts that are rendered
BEGINNINGS = ("\\\\[", "\\\\(", "\\begin{", "<!--", "$$")
BLANKS = re.compile(rf"[ \t]{{{MOST_BLANKS}}}")
FENCE = re.compile(r"^([ \t>*+.\d)-]*+(?:`{3,}+|~{3,}+)[ \t]*+)([^\s`]++)([^`\n]*+)$", re.MULTILINE)
LANGUAGES = ("python", "python3", "py", "latex", "tex", "text", "txt")  # with highlighters that take linear time


def is_too_much(source: str, attachments: dict | None) -> bool:
    """Would it take long to render, or become very large?"""
    largest = max((len(data) for bundle in (attachments or {}).values() for data in bundle.values()), default=0)
    return (
        any(source.count(beginning) * len(source) > MOST_STEPS for beginning in BEGINNINGS)
        or BLANKS.search(source) is not None
        or source.count("attachment:") * largest > MOST_PICTURES
    )


def with_known_languages(source: str) -> str:
    """The text with code in any other language marked as plain text."""

    def plain(fence: re.Match) -> str:
        return fence[0] if fence[2].lower() in LANGUAGES else f"{fence[1]}text"

    return FENCE.sub(plain, source)


class Allowance:
    """What may still be rendered of a notebook's texts."""

    def __init__(self) -> None:
        self.left = MOST_IN_ALL

    def holds(self, text: str) -> bool:
        """Whether this text may be rendered, too; if so it is taken off."""
        self.left -= len(text)
        return self.left >= 0
