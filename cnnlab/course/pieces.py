"""A master's Markdown cut into its pieces: prose, code and answers, each with its lines.

markdown-it-py says where fences, headings, HTML and images are. A piece of code is a ```python fence; an answer is what
stands between a region's marks; prose is all the rest, cut before every heading. Inside folds (<details>) and answers
code is only shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cnnlab.course.problems import Problems
from cnnlab.course.tags import Tags, parse

REGION = re.compile(r"^<!--\s*#region\b(.*?)-->\s*$")
ENDREGION = re.compile(r"^<!--\s*#endregion\s*-->\s*$")
ALT = re.compile(r"""\balt\s*=\s*(["'])\s*\S.*?\1""", re.IGNORECASE | re.DOTALL)
HTML = re.compile(r"(</?details\b|<img\b|<!--)[^>]*>?", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """level 1 is the title's; the text has no # any more."""

    level: int
    text: str


@dataclass
class Piece:
    """kind: "prose", "code" or "answer". `line` is where it begins and `first` where its `lines` do, counted from 1.

    tags: those of a fence or of a region's mark. heading: what a piece of prose begins with.
    """

    kind: str
    line: int
    first: int
    lines: list[str]
    tags: Tags = field(default_factory=Tags)
    heading: Heading | None = None

    @property
    def source(self) -> str:
        """The text without empty lines around it."""
        return "\n".join(self.lines).strip("\n")


def cut(text: str, problems: Problems) -> tuple[str, list[Piece]]:
    """A master's title and its pieces, in order; what is wrong in its form goes to `problems`."""
    lines = text.split("\n")
    for at, line in enumerate(lines, 1):
        if "\t" in line:
            problems.add(at, "there is a tab", "use blanks")
    title, start = _front_matter(lines, problems)
    markdown = MarkdownIt("commonmark")
    markdown.validateLink = lambda url: True  # what an image may be is said below
    cutter = _Cutter(lines, start, problems)
    cutter.walk(markdown.parse("\n".join(lines[start:])))
    return title, cutter.found


def _front_matter(lines: list[str], problems: Problems) -> tuple[str, int]:
    """The title that stands between the first two lines ---, and how many lines that takes."""
    form = "begin the file with three lines: ---, title: …, ---"
    if lines[0].strip() != "---":
        problems.add(1, "the front matter is missing", form)
        return "", 0
    end = next((k for k, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        problems.add(1, "the front matter has no end", form)
        return "", 1
    try:
        front = yaml.safe_load("\n".join(lines[1:end])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.add(2 + (mark.line if mark else 0), "the front matter is not YAML", "write title: and the title")
        return "", end + 1
    if not isinstance(front, dict) or not isinstance(front.get("title"), str) or not front["title"].strip():
        problems.add(1, "the front matter has no title", form)
        return "", end + 1
    for key in front:
        if key != "title":
            problems.add(
                2, f"the front matter has an unknown key {key!r}", "keep title alone; course.toml has the rest"
            )
    return front["title"].strip(), end + 1


class _Cutter:
    """Goes through markdown-it's blocks; lines count from 0 here."""

    def __init__(self, lines: list[str], start: int, problems: Problems):
        self.lines, self.start, self.problems = lines, start, problems
        self.found: list[Piece] = []
        self.begun = start  # where the prose that is being read begins
        self.heading: Heading | None = None
        self.folds: list[int] = []  # the lines of the open <details>
        self.region: tuple[int, Tags] | None = None  # the line of the open region's mark, and its tags

    def walk(self, blocks: list[Token]) -> None:
        for block in blocks:
            if block.map is None:
                continue
            begin, end = (line + self.start for line in block.map)
            if block.type == "fence":
                self.fence(block, begin, end)
            elif block.type == "heading_open" and block.level == 0:
                self.opens(block, begin, end)
            elif block.type == "html_block":
                self.html(block, begin)
            elif block.type == "inline":
                self.prose(block, begin, end)
        self.close_prose(len(self.lines))
        for at in self.folds:
            self.add(at, "<details> is not closed", "write </details> on a line of its own after it")
        if self.region is not None:
            self.add(self.region[0], "the region is not closed", "end it with <!-- #endregion -->")

    def add(self, line: int, what: str, remedy: str) -> None:
        self.problems.add(line + 1, what, remedy)

    def close_prose(self, end: int) -> None:
        """What was read up to here is one piece."""
        lines = self.lines[self.begun : end]
        if self.region is None and any(line.strip() for line in lines):
            self.found.append(Piece("prose", self.begun + 1, self.begun + 1, lines, heading=self.heading))
        self.heading = None

    def fence(self, block: Token, begin: int, end: int) -> None:
        closing = self.lines[end - 1].strip("> ")  # > where it is quoted
        if end - begin < 2 or not (closing.startswith(block.markup) and closing.strip(block.markup[0]) == ""):
            self.add(begin, "the fence is not closed", f"end it with {block.markup} on a line of its own")
            return
        language = re.split(r"[\s{,]", block.info.strip(), maxsplit=1)[0]
        if self.folds or self.region is not None or block.markup[0] == "~":
            return
        if language.lower() == "python" and self.lines[begin].startswith("`"):
            self.close_prose(begin)
            tags = parse(block.info.strip()[len(language) :], begin + 1, self.problems)
            self.found.append(Piece("code", begin + 1, begin + 2, self.lines[begin + 1 : end - 1], tags))
            self.begun = end
        elif language.lower() == "python":
            self.add(begin, "an indented ```python fence would not run", "write it at the margin, or with ~~~")
        elif "=" in block.info:
            what = f"```{block.info.strip()} has tags but is no python cell"
            self.add(begin, what, "write ```python before the tags")

    def opens(self, block: Token, begin: int, end: int) -> None:
        if block.markup[0] in "=-":
            self.add(end - 1, "an underline makes a heading of the line above", "use #, or a blank line before ---")
            return
        if self.folds or self.region is not None:
            where = "<details>" if self.folds else "a region"
            self.add(begin, f"there is a heading inside {where}", "use **bold** there")
            return
        self.close_prose(begin)
        self.begun = begin
        self.heading = Heading(len(block.markup), self.lines[begin].strip().lstrip("#").strip())

    def html(self, block: Token, begin: int) -> None:
        mark = block.content.strip()
        if region := REGION.match(mark):
            if self.region is not None:
                self.add(begin, "a region begins inside a region", "close the first with <!-- #endregion -->")
            if self.folds:
                self.add(begin, "a region begins inside <details>", "close the fold first")
            self.close_prose(begin)
            self.region = begin, parse(region[1].strip(), begin + 1, self.problems)
        elif ENDREGION.match(mark):
            if self.region is None:
                self.add(begin, "#endregion closes nothing", "remove it, or write <!-- #region … --> before it")
                return
            at, tags = self.region
            self.found.append(Piece("answer", at + 1, at + 2, self.lines[at + 1 : begin], tags))
            self.region, self.begun = None, begin + 1
        else:
            self.look_at_html(block.content, begin)

    def prose(self, block: Token, begin: int, end: int) -> None:
        """Look at a paragraph: its images, its HTML, and headings that are none."""
        for k in range(begin, end):
            if re.match(r"#{1,6}[^#\s!]", self.lines[k]):
                self.add(k, "a heading has no blank after its #", "put a blank there")
        for child in block.children or ():
            if child.type == "html_inline":
                self.look_at_html(child.content, self.line_with(child.content.split("\n")[0], begin, end))
            elif child.type == "image":
                target = str(child.attrs["src"])
                self.image(child.content, target, self.line_with(f"]({target}", begin, end))

    def line_with(self, words: str, begin: int, end: int) -> int:
        return next((k for k in range(begin, end) if words in self.lines[k]), begin)

    def image(self, alt: str, target: str, at: int) -> None:
        if not alt.strip():
            self.add(at, "an image has no alt text", "say between [ and ] what is to be seen")
        if not re.match(r"(https:|data:|attachment:)", target):
            self.add(at, f"the image {target!r} is a file beside the master", "draw it in a figure cell")

    def look_at_html(self, html: str, begin: int) -> None:
        """Folds open and close, pictures have words, and nothing is hidden in a comment."""
        for tag in HTML.finditer(html):
            at = begin + html.count("\n", 0, tag.start())
            kind = tag[1].lower()
            if kind == "<details":
                self.folds.append(at)
            elif kind == "</details" and self.folds:
                self.folds.pop()
            elif kind == "</details":
                self.add(at, "</details> closes nothing", "remove it, or write <details> before it")
            elif kind == "<img" and not ALT.search(tag[0]):
                self.add(at, "an <img> has no alt text", 'add alt="…" that says what is to be seen')
            elif kind == "<!--" and "region" in tag[0]:
                form = 'write <!-- #region answer="id" points=2 --> or <!-- #endregion --> on a line of its own'
                self.add(at, "a region's mark is not in its form", form)
            elif kind == "<!--":
                self.add(at, "a comment would reach the learners", "remove it")
