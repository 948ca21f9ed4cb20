"""Where things stand in a master's text: fences, regions, folds and headings, each with its line.

jupytext reads the cells, but it forgets their lines; this keeps them, and finds what jupytext would pass over silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml
from jupytext.languages import _JUPYTER_LANGUAGES

from cnnlab.course.problems import Problems

FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})(.*)$")
HEADING = re.compile(r"^(#{1,6})(\s+)?(.*)$")
REGION = re.compile(r"^<!--\s*#region\b(.*?)-->\s*$")
ENDREGION = re.compile(r"^<!--\s*#endregion\s*-->\s*$")
IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]*)")
IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(["'])\s*\S.*?\1""", re.IGNORECASE | re.DOTALL)
CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
MAGIC_LANGUAGES = {name.lower() for name in _JUPYTER_LANGUAGES} - {"python"}


@dataclass
class Block:
    """A code fence (kind "code") or a region (kind "region"): its opening line, its tag text, its lines."""

    kind: str
    line: int
    info: str
    lines: list[str] = field(default_factory=list)
    first: int = 0  # the line of the first of `lines`


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str


@dataclass
class Scan:
    front: dict = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    body: str = ""  # the text without its front matter


def heading_at(line: str) -> Heading | None:
    match = HEADING.match(line)
    return Heading(0, len(match[1]), match[3].strip()) if match and match[2] else None


def fence_opens(line: str) -> re.Match | None:
    match = FENCE.match(line)
    return match if match and not (match[2][0] == "`" and "`" in match[3]) else None


def fence_closes(line: str, opener: re.Match) -> bool:
    match = FENCE.match(line)
    return bool(match and match[2][0] == opener[2][0] and len(match[2]) >= len(opener[2]) and not match[3].strip())


def scan(text: str, problems: Problems) -> Scan:
    """Walk through a master once; what is wrong in its form goes to `problems`."""
    found = Scan()
    lines = text.split("\n")
    start = _front_matter(lines, found, problems)
    found.body = "\n".join(lines[start:])
    _Walk(found, problems).run(lines, start)
    return found


def _front_matter(lines: list[str], found: Scan, problems: Problems) -> int:
    form = "begin the file with three lines: ---, title: …, ---"
    if not lines or lines[0].strip() != "---":
        problems.add(1, "the front matter is missing", form)
        return 0
    end = next((k for k, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        problems.add(1, "the front matter has no end", form)
        return 1
    try:
        front = yaml.safe_load("\n".join(lines[1:end])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.add(2 + (mark.line if mark else 0), "the front matter is not YAML", "write title: and the title")
        return end + 1
    if not isinstance(front, dict) or not isinstance(front.get("title"), str) or not front["title"].strip():
        problems.add(1, "the front matter has no title", form)
        return end + 1
    for key in front:
        if key != "title":
            problems.add(
                2, f"the front matter has an unknown key {key!r}", "keep title alone; course.toml has the rest"
            )
    found.front = front
    return end + 1


class _Walk:
    def __init__(self, found: Scan, problems: Problems):
        self.found, self.problems = found, problems
        self.fold_lines: list[int] = []  # the open <details>
        self.region: Block | None = None
        self.previous = ""

    def run(self, lines: list[str], start: int) -> None:
        number, blank_run = start, 0
        while number < len(lines):
            line, at = lines[number], number + 1
            if "\t" in line:
                self.problems.add(at, "there is a tab", "use blanks")
            opener = fence_opens(line)
            if opener:
                number = self._fence(lines, number, opener)
                blank_run, self.previous = 0, ""
                continue
            self._line(line, at)
            self.previous = line
            blank_run = blank_run + 1 if not line.strip() else 0
            if blank_run == 2 and self.fold_lines and not self.region:
                self.problems.add(at, "two blank lines inside <details> cut it into two cells", "leave one blank line")
            if self.region is not None and not REGION.match(line):
                self.region.lines.append(line)
            number += 1
        for at in self.fold_lines:
            self.problems.add(at, "<details> is not closed", "write </details> on a line of its own after it")
        if self.region is not None:
            self.problems.add(self.region.line, "the region is not closed", "end it with <!-- #endregion -->")

    def _fence(self, lines: list[str], number: int, opener: re.Match) -> int:
        """Take a whole fence; returns the number of the line after it."""
        at, info = number + 1, opener[3].strip()
        end = next((k for k in range(number + 1, len(lines)) if fence_closes(lines[k], opener)), None)
        if end is None:
            self.problems.add(at, "the fence is not closed", f"end it with {opener[2]} on a line of its own")
            end = len(lines) - 1
        content = lines[number + 1 : end]
        for k, line in enumerate(content, number + 2):
            if "\t" in line:
                self.problems.add(k, "there is a tab", "use blanks")
        language = re.split(r"[\s{,]", info, maxsplit=1)[0].lower()
        if self.region is not None:
            self.region.lines += lines[number : end + 1]
            if opener[2][0] == "`" and language == "python":
                self._as_tilde(at, "a python fence inside a region would not run")
        elif opener[2][0] == "~":
            run = [k for k in range(len(content) - 1) if not content[k].strip() and not content[k + 1].strip()]
            if run:
                self.problems.add(
                    number + 2 + run[0], "two blank lines cut this ~~~ fence into two cells", "leave one blank line"
                )
        elif language == "python":
            self._cell(Block("code", at, info[len("python") :].strip(), content, at + 1), opener)
        elif language in MAGIC_LANGUAGES:
            self._as_tilde(at, f"a ```{language} fence would become a %%{language} cell")
        elif "=" in info:
            self.problems.add(at, f"```{info} has tags but is no python cell", "write ```python before the tags")
        return end + 1

    def _cell(self, block: Block, opener: re.Match) -> None:
        if self.fold_lines:
            self._as_tilde(block.line, "a ```python fence inside <details> would become a cell")
        elif opener[1]:
            self._as_tilde(block.line, "an indented ```python fence would not run", "write it without blanks before it")
        elif len(opener[2]) != 3:
            self.problems.add(block.line, f"a cell's fence has {len(opener[2])} backticks", "write ```python")
        else:
            self.found.blocks.append(block)

    def _as_tilde(self, at: int, what: str, or_else: str = "") -> None:
        remedy = "fence code that is only shown with ~~~ in place of ```"
        self.problems.add(at, what, f"{or_else}, or {remedy}" if or_else else remedy)

    def _line(self, line: str, at: int) -> None:
        plain = CODE_SPAN.sub("", line)
        self._marks(plain, at)
        for tag in re.findall(r"</?details\b", plain, re.IGNORECASE):
            if not tag.startswith("</"):
                self.fold_lines.append(at)
            elif self.fold_lines:
                self.fold_lines.pop()
            else:
                self.problems.add(at, "</details> closes nothing", "remove it, or write <details> before it")
        if re.match(r"^#{1,6}[^#\s!]", line):
            self.problems.add(at, "a heading has no blank after its #", "put a blank there")
        heading = heading_at(line)
        if heading:
            if self.fold_lines or self.region is not None:
                where = "<details>" if self.fold_lines else "a region"
                self.problems.add(at, f"there is a heading inside {where}", "use **bold** there")
            self.found.headings.append(Heading(at, heading.level, heading.text))
        if re.match(r"^(=+|-+)\s*$", line) and self.previous.strip() and not self.previous.startswith(("|", "<", "#")):
            self.problems.add(at, "an underline makes a heading of the line above", "use #, or a blank line before ---")
        self._images(plain, at)

    def _marks(self, plain: str, at: int) -> None:
        region = REGION.match(plain)
        if region:
            if self.region is not None:
                self.problems.add(at, "a region begins inside a region", "close the first with <!-- #endregion -->")
            if self.fold_lines:
                self.problems.add(at, "a region begins inside <details>", "close the fold first")
            self.region = Block("region", at, region[1].strip(), [], at + 1)
            return
        if ENDREGION.match(plain):
            if self.region is None:
                self.problems.add(at, "#endregion closes nothing", "remove it, or write <!-- #region … --> before it")
            else:
                self.found.blocks.append(self.region)
                self.region = None
            return
        if "<!--" in plain:
            what = "a region's mark is not in its form" if "region" in plain else "a comment would reach the learners"
            remedy = (
                'write <!-- #region answer="id" points=2 --> or <!-- #endregion -->'
                if "region" in plain
                else "remove it"
            )
            self.problems.add(at, what, remedy)

    def _images(self, plain: str, at: int) -> None:
        for match in IMAGE.finditer(plain):
            if not match["alt"].strip():
                self.problems.add(at, "an image has no alt text", "say between [ and ] what is to be seen")
            if not re.match(r"(https:|data:|attachment:)", match["target"]):
                self.problems.add(
                    at, f"the image {match['target']!r} is a file beside the master", "draw it in a figure cell"
                )
        for tag in IMG.findall(plain):
            if not ALT.search(tag):
                self.problems.add(at, "an <img> has no alt text", 'add alt="…" that says what is to be seen')
