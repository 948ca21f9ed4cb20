"""IPython's own lines in a submitted cell: what is left when they are taken out.

``%`` and ``!`` lines become comments, so that line numbers stay; inside a block they become ``pass``. A ``%%`` cell is
left out as a whole, but for the few that only watch the code in it.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings

WATCHING = ("time", "capture", "prun", "debug")  # %% cells whose body is ordinary code that counts
SILENT = ("matplotlib", "config", "load_ext", "autoreload")  # no sentence: every second notebook has them
# What is read once is not read again (the + after a quantifier), and a string that is not closed ends with its line or
# with the cell: so the time is that of reading each letter a few times.
STRINGS_AND_BRACKETS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*+(?:\'\'\')?'
    r'|"(?:\\.|[^"\\\n])*+"?|\'(?:\\.|[^\'\\\n])*+\'?|#[^\n]*+|[()\[\]{}]',
    re.DOTALL,
)
TIMED = re.compile(r"(\s*+)%time\s++(.+)")
MAGIC = re.compile(r"(\s*+)(?:!|%{1,2}[A-Za-z]|\?{1,2}\w|(?:pip|conda|mamba)\s++install\b|[\w.]++\?{1,2}\s*+$)")
ASSIGNED = re.compile(r"(\s*+[\w, ]++=)\s*+(?:!|%\w)")
PROMPTED = re.compile(r"\s*+(?:>>>|In \[\d++\]:)(?:\s|\Z)")
PROMPT = re.compile(r"^[ \t]*+(?:>>>|\.\.\.+:?|In \[\d++\]:)(?: |$)", re.MULTILINE)


def without_magics(source: str) -> tuple[str, str | None]:
    """The code without IPython's lines, and what was done as the end of a sentence ("… were left out"), or None."""
    source = _as_pasted(source)
    first = source.lstrip()
    if first.startswith("%%"):
        name = re.split(r"\W", first[2:], maxsplit=1)[0]
        if name not in WATCHING:
            return "", f"is a %%{name[:20]} cell and was left out"
        source = source.replace("%%", "# %%", 1)
    if parses(source):
        return source, None
    return _line_by_line(source)


def _as_pasted(source: str) -> str:
    """Code without the prompts and the indentation with which it was pasted, as IPython takes it."""
    if PROMPTED.match(source):
        source = PROMPT.sub("", source)
    indented = source.lstrip("\n")[:1] in (" ", "\t")
    return textwrap.dedent(source) if indented and not parses(source) else source


def parses(source: str) -> bool:
    """Whether it is Python."""
    return tree(source) is not None


def tree(source: str) -> ast.Module | None:
    """The syntax tree; None where there is none, whatever the source does to the parser."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _line_by_line(source: str) -> tuple[str, str | None]:
    lines = source.split("\n")
    left_out: list[str] = []
    inside = _insides(lines)
    for k, line in enumerate(lines):
        if inside[k]:
            continue
        if timed := TIMED.match(line):
            lines[k] = timed[1] + timed[2]
        elif magic := MAGIC.match(line):
            lines[k] = f"{magic[1]}pass  # {line.strip()}" if magic[1] else f"# {line}"
            left_out.append(line.strip())
        elif assigned := ASSIGNED.match(line):
            lines[k] = f"{assigned[1]} None  # {line.strip()}"
            left_out.append(line.strip())
    told = [line for line in left_out if not line.startswith(tuple("%" + name for name in SILENT))]
    if not told:
        return "\n".join(lines), None
    count = "1 line of IPython's was" if len(told) == 1 else f"{len(told)} lines of IPython's were"
    return "\n".join(lines), f"{count} left out ({_short(told[0])})"


def _insides(lines: list[str]) -> list[bool]:
    """For each line: does it begin inside a bracket or a long string, or go on from the line before?"""
    inside, depth = [], 0
    masked = [line if not MAGIC.match(line) or line.lstrip()[0] not in "!%?" else "" for line in lines]
    text, starts, at = "\n".join(masked), [], 0
    for line in masked:
        starts.append(at)
        at += len(line) + 1
    spans: list[tuple[int, int]] = []  # places where a statement can not begin
    opened = 0
    for token in STRINGS_AND_BRACKETS.finditer(text):
        word = token[0]
        if word in "([{":
            opened = token.start() if depth == 0 else opened
            depth += 1
        elif word in ")]}":
            depth = max(0, depth - 1)
            if depth == 0:
                spans.append((opened, token.end()))
        elif "\n" in word:
            spans.append((token.start(), token.end()))
    k = 0
    for number, start in enumerate(starts):
        while k < len(spans) and spans[k][1] <= start:
            k += 1
        within = k < len(spans) and spans[k][0] < start
        inside.append(within or (number > 0 and masked[number - 1].endswith("\\")))
    return inside


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
