"""The tags behind ```python and in a region's mark: what a cell is, in a few words."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from cnnlab.course.problems import Problems

# what a cell can be, and the tags that go with it
KINDS = {
    "solution": set(),
    "check": {"part"},
    "figure": {"alt"},
    "widget": set(),
    "output": set(),
    "answer": {"points"},
}
GRADED = ("solution", "check", "answer")
KNOWN = [*KINDS, "part", "points", "alt", "judge"]
OUTPUTS = ("exact", "none")
PAIR = re.compile(r"""\s*([A-Za-z_][\w-]*)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'=]+)(?=\s|$)""")
NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
NAME = re.compile(r"^[A-Za-z][\w-]*$")


@dataclass
class Tags:
    """`kind` is one of KINDS, or "" for a plain cell; `values` has every tag, points as a number."""

    kind: str = ""
    values: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The value of the tag that says the kind: the exercise, the figure, the answer; "" for a plain cell."""
        return str(self.values.get(self.kind, ""))


def parse(info: str, line: int, problems: Problems) -> Tags:
    """The tags of one cell; what is wrong with them goes to `problems`."""
    values: dict = {}
    rest = info
    while rest.strip():
        match = PAIR.match(rest)
        if not match:
            problems.add(line, f"the tags can not be read from {rest.strip()!r} on", 'write each as key="value"')
            break
        key, raw, rest = match[1], match[2], rest[match.end() :]
        if key in values:
            problems.add(line, f"the tag {key} stands twice", "keep one")
        values[key] = _value(key, raw, line, problems)
    return _checked(Tags("", values), line, problems)


def _value(key: str, raw: str, line: int, problems: Problems) -> object:
    if raw[0] in "\"'":
        if raw[0] == "'":
            problems.add(line, f"{key} is in single quotes", f'write {key}="{raw[1:-1]}"')
        text = re.sub(r"\\(.)", r"\1", raw[1:-1])
        if key == "points":
            problems.add(line, f'points="{text}" is text, not a number', "write points=2 without quotes")
            return float(text) if NUMBER.match(text) else 0
        if not text.strip():
            problems.add(line, f"{key} is empty", f"write a value between the quotes of {key}")
        return text
    if key != "points":
        problems.add(line, f"{key}={raw} is not quoted", f'write {key}="{raw}"')
        return raw
    if not NUMBER.match(raw):
        problems.add(line, f"points={raw} is not a number", "write points=2")
        return 0
    if float(raw) < 0:
        problems.add(line, f"points={raw} is below 0", "write 0 or more")
    return float(raw) if "." in raw else int(raw)


def _checked(tags: Tags, line: int, problems: Problems) -> Tags:
    values = tags.values
    for key in values:
        if key not in KNOWN:
            close = difflib.get_close_matches(key, KNOWN, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(KNOWN)}"
            problems.add(line, f"there is no tag {key!r}", remedy)
    kinds = [key for key in values if key in KINDS]
    if len(kinds) > 1:
        problems.add(line, f"a cell can not be {' and '.join(kinds)} at once", "make two cells of it")
    if kinds:
        tags.kind = kinds[0]
    elif values.keys() & {"part", "points", "alt"}:
        lone = sorted(values.keys() & {"part", "points", "alt"})
        problems.add(
            line, f"{' and '.join(lone)} without a kind of cell", 'write check="…", answer="…" or figure="…" too'
        )
    for key in values:
        if key in ("part", "points", "alt") and tags.kind and key not in KINDS[tags.kind]:
            problems.add(line, f"{key} does not belong to a {tags.kind} cell", f"remove {key}")
    if "judge" in values and (values["judge"] != "skip" or tags.kind in GRADED):
        problems.add(line, 'judge="skip" is for cells that only show something', "remove judge")
    if tags.kind == "output" and tags.name not in OUTPUTS:
        problems.add(line, f'output="{tags.name}" is unknown', 'write output="exact" or output="none"')
    if tags.kind in ("solution", "check") and tags.name and not tags.name.isidentifier():
        problems.add(line, f"{tags.name!r} is not the name of a function", "write the exercise's name")
    if tags.kind in ("figure", "widget", "answer") and tags.name and not NAME.match(tags.name):
        problems.add(line, f"the id {tags.name!r} is not plain", "use letters, digits, - and _, a letter first")
    if tags.kind == "figure" and not str(values.get("alt", "")).strip() and "alt" not in values:
        problems.add(line, f"the figure {tags.name!r} has no alt text", 'add alt="…": what is to be seen, in words')
    if tags.kind == "answer" and "points" not in values:
        problems.add(line, f"the answer {tags.name!r} has no points", "add points=2")
    return tags
