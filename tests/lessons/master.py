"""A master read for the tests: its prose, its cells in order, its exercises, with what the build writes in them."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cnnlab.course import master

SOLUTIONS = Path(__file__).parents[2] / "solutions"
FENCE = re.compile(r"^```python(?P<tags>.*)$")
TAG = re.compile(r'(\w+)=(?:"([^"]*)"|(\d+))')
WRITTEN = re.compile(r"^### (`\w+`.* · |Question · )")  # the build adds number and points
HEADING = re.compile(
    r"^### Exercise (?P<number>\d+\.\d+) · `(?P<name>\w+)` · (?:(?P<points>\d+) points?|not graded) · "
    r"difficulty (?P<difficulty>[1-5])/5 · about (?P<minutes>\d+) minutes?$"
)


@dataclass
class Exercise:
    number: str
    name: str
    points: int
    difficulty: int
    minutes: int
    text: list[str] = field(default_factory=list)  # prose from its heading to the next ## or ###
    checks: list[dict] = field(default_factory=list)


@dataclass
class Master:
    prose: str  # Markdown without code, tags and link targets
    cells: list[tuple[dict, str]]  # tags and source of each code cell
    exercises: list[Exercise]
    steps: list[tuple[str, object]]  # in order: ("words", n), ("minutes", n), ("check", name), ("figure", id)

    def stated(self, words):
        """Whether the prose says this, line breaks aside."""
        return _flat(words) in _flat(self.prose)


@cache
def read(lesson) -> Master:
    path = SOLUTIONS / lesson / f"{lesson}.md"
    lines = path.read_text(encoding="utf8").split("\n")
    built = master.read(path).cells
    headings = iter(cell.heading for cell in built if re.match(r"(Exercise|Question) \d", cell.heading))
    calls = iter(cell.tags for cell in built if cell.kind == "check")
    prose, cells, exercises, steps, current = [], [], [], [], None
    at = lines.index("---", 1) + 1
    while at < len(lines):
        line = lines[at]
        fence = FENCE.match(line)
        if fence:
            end = lines.index("```", at)
            tags = {name: text or number for name, text, number in TAG.findall(fence["tags"])}
            cells.append((tags, "\n".join(lines[at + 1 : end])))
            if "check" in tags:
                tags = next(calls)
                steps.append(("check", tags["check"]))
                if current:
                    current.checks.append(tags)
            elif "figure" in tags or "widget" in tags:
                steps.append(("figure", tags))
                prose.append(tags.get("alt", ""))
            at = end + 1
            continue
        if WRITTEN.match(line):
            line = f"### {next(headings)}"
        heading = HEADING.match(line)
        if heading:
            points = int(heading["points"] or 0)
            current = Exercise(
                heading["number"], heading["name"], points, int(heading["difficulty"]), int(heading["minutes"])
            )
            exercises.append(current)
            steps.append(("minutes", current.minutes))
        elif line.startswith("#"):
            current = None
            asked = re.search(r"about (\d+) minutes", line)
            steps.append(("minutes", int(asked[1]) if asked else 0))
        if current:
            current.text.append(line)
        line = re.sub(r"\]\([^)]*\)", "]", line)
        prose.append(line)
        steps.append(("words", len(line.split())))
        at += 1
    return Master("\n".join(prose), cells, exercises, steps)


def _flat(text):
    return " ".join(text.split())
